// With orval's zod schemas, which are strict about what they read: each response must fit its own.
import { apiKey, networkId, use, type Read } from "./common.js";
import { bulkSuspendStatus, dryRunSuspendStatus, suspendStatus, whoAmI, type Problem } from "./orval/client.js";
import * as schemas from "./orval/schemas.js";

let address = "";
const { fetch } = globalThis;
globalThis.fetch = (url, options) => fetch(`${address}${url}`, options);
const options = { headers: { "X-Api-Key": apiKey } };
const schemaOf = (name: string) => (schemas as unknown as Record<string, { parse(value: unknown): unknown }>)[name]!;

function read<T>(operation: string, { status, data }: { status: number; data: unknown }): Read<T, Problem> {
  const body = schemaOf(`${operation}${status}Response`).parse(data);
  return status === 200 ? { ok: true, body: body as T } : { ok: false, status, problem: body as Problem };
}

await use<Problem>({
  change: (baseUrl, body) => ((address = baseUrl), suspendStatus(networkId, body, options).then((response) => read("SuspendStatus", response))),
  dryRun: (baseUrl, body) => ((address = baseUrl), dryRunSuspendStatus(networkId, schemas.DryRunSuspendStatusBody.parse(body), options).then((response) => read("DryRunSuspendStatus", response))),
  bulk: (baseUrl, body) => ((address = baseUrl), bulkSuspendStatus(networkId, schemas.BulkSuspendStatusBody.parse(body), options).then((response) => (response as { stream: Response }).stream.text())),
  whoAmI: (baseUrl) => ((address = baseUrl), whoAmI(options).then((response) => read("WhoAmI", response))),
});
