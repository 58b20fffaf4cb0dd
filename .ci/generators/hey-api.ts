import { apiKey, networkId, use, type Read } from "./common.js";
import { createClient } from "./hey-api/client/index.js";
import { bulkSuspendStatus, dryRunSuspendStatus, suspendStatus, whoAmI } from "./hey-api/sdk.gen.js";
import type { Problem } from "./hey-api/types.gen.js";

const clientOf = (baseUrl: string) => createClient({ baseUrl, auth: (scheme) => (scheme.type === "apiKey" ? apiKey : undefined) });
const read = <T>({ response, data, error }: { response?: Response; data?: T; error?: Problem }): Read<T, Problem> =>
  response?.ok ? { ok: true, body: data! } : { ok: false, status: response!.status, problem: error! };

await use<Problem>({
  change: async (baseUrl, body) => read(await suspendStatus({ client: clientOf(baseUrl), path: { networkId }, headers: { "X-Request-Timeout": 10 }, body })),
  dryRun: async (baseUrl, body) => read(await dryRunSuspendStatus({ client: clientOf(baseUrl), path: { networkId }, body })),
  bulk: async (baseUrl, body) => String((await bulkSuspendStatus({ client: clientOf(baseUrl), path: { networkId }, body, parseAs: "text" })).data),
  whoAmI: async (baseUrl) => read(await whoAmI({ client: clientOf(baseUrl) })),
});
