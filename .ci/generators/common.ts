// What each generated client does: a call of each operation, and every problem that PROBLEM_URLS has. It prints what it read, for run.mjs to compare.
export interface Request {
  suspend: boolean;
  userIds: string[];
  clientToken?: string | null;
  reason?: string | null;
}

/** The body of a 200, or the problem with its status. */
export type Read<T, P extends { status: number }> = { ok: true; body: T } | { ok: false; status: number; problem: P };

export interface Client<P extends { status: number; type: string }> {
  change(baseUrl: string, request: Request): Promise<Read<{ successful?: { userId: string }[]; failed?: { userId: string; reason?: string }[] }, P>>;
  dryRun(baseUrl: string, request: Request): Promise<Read<{ dryRun: boolean; userIds: string[] }, P>>;
  /** The lines of the response. */
  bulk(baseUrl: string, request: Request): Promise<string>;
  whoAmI(baseUrl: string): Promise<Read<{ caller: string; limits: { burst: number } }, P>>;
}

export const apiKey = process.env.GATEWAY_API_KEY!;
export const networkId = "12345678";

export async function use<P extends { status: number; type: string }>(client: Client<P>) {
  const gateway = process.env.GATEWAY_URL!;
  const request = { suspend: true, userIds: ["1", "999"], clientToken: `generated:${crypto.randomUUID()}`, reason: "INC-4711, Jörg Müller left" };
  const changed = success(await client.change(gateway, request));
  const dryRun = success(await client.dryRun(gateway, request));
  const [batch, bulk] = (await client.bulk(gateway, request)).trim().split("\n").map((line) => JSON.parse(line));
  const caller = success(await client.whoAmI(gateway));
  const refused = problem(await client.change(gateway, { suspend: false, userIds: ["none"] }));
  const problems: P[] = [];
  for (const url of process.env.PROBLEM_URLS!.split(",")) problems.push(problem(await client.change(url, request)));
  console.log(JSON.stringify({ changed, dryRun, bulk: { result: batch.result, summary: bulk }, caller, refused, problems }));
}

function success<T, P extends { status: number }>(read: Read<T, P>): T {
  if (!read.ok) throw new Error(`refused: ${JSON.stringify(read)}`);
  return read.body;
}

function problem<T, P extends { status: number }>(read: Read<T, P>): P {
  if (read.ok || read.status !== read.problem.status) throw new Error(`not refused: ${JSON.stringify(read)}`);
  return read.problem;
}
