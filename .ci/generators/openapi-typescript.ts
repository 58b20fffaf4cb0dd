import createClient from "openapi-fetch";
import { apiKey, networkId, use, type Read } from "./common.js";
import type { components, paths } from "./openapi-typescript/gateway.js";

type Problem = components["schemas"]["Problem"];
const clientOf = (baseUrl: string) => createClient<paths>({ baseUrl, headers: { "X-Api-Key": apiKey } });
const read = <T>({ response, data, error }: { response: Response; data?: T; error?: Problem }): Read<T, Problem> =>
  response.ok ? { ok: true, body: data! } : { ok: false, status: response.status, problem: error! };

await use<Problem>({
  change: async (baseUrl, body) =>
    read(await clientOf(baseUrl).POST("/networks/{networkId}/users/suspend-status", { params: { path: { networkId }, header: { "X-Request-Timeout": 10 } }, body })),
  dryRun: async (baseUrl, body) => read(await clientOf(baseUrl).POST("/networks/{networkId}/users/suspend-status/dry-run", { params: { path: { networkId } }, body })),
  bulk: async (baseUrl, body) =>
    (await clientOf(baseUrl).POST("/networks/{networkId}/users/suspend-status/bulk", { params: { path: { networkId } }, body, parseAs: "text" })).data!,
  whoAmI: async (baseUrl) => read(await clientOf(baseUrl).GET("/whoami")),
});
