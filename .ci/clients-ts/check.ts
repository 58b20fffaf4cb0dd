// The generated client against a running gateway: a success, and a refusal of each credential and of the request, all with the document's types.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./gateway.js";

const baseUrl = process.env.GATEWAY_URL!;
const known = createClient<paths>({ baseUrl, headers: { "X-Api-Key": process.env.GATEWAY_API_KEY! } });
const unknown = createClient<paths>({ baseUrl, headers: { Authorization: "Bearer no.such.token" } });

const path = "/networks/{networkId}/users/suspend-status";
const change = { suspend: true, userIds: ["1", "999"], clientToken: "clients:1", reason: "INC-4711, Jörg Müller left" } satisfies components["schemas"]["SuspendStatusRequest"];

const success = await known.POST(path, { params: { path: { networkId: "12345678" }, header: { "X-Request-Timeout": 5 } }, body: change });
assert.equal(success.response.status, 200);
const succeeded: string[] | undefined = success.data?.successful?.map((user) => user.userId);
assert.deepEqual(succeeded, ["1"]);
assert.equal(success.data?.failed?.[0]?.userId, "999");
assert.equal(success.response.headers.get("X-Client-Token"), "clients:1");

const refused = await known.POST(path, { params: { path: { networkId: "12345678" } }, body: { suspend: false, userIds: ["none"] } });
assert.equal(refused.data, undefined);
assert(refused.error);
const type: components["schemas"]["Problem"]["type"] = refused.error.type;
assert.equal(type, "urn:wickr-gateway:invalid-request");
assert.deepEqual(Object.keys(refused.error.errors ?? {}), ["userIds[0]"]);

const denied = await unknown.POST(path, { params: { path: { networkId: "12345678" } }, body: change });
assert.equal(denied.response.status, 401);
assert.equal(denied.error?.type, "urn:wickr-gateway:unauthenticated");

// What the document forbids does not compile.
// @ts-expect-error suspend has no default
({ userIds: ["1"] }) satisfies components["schemas"]["SuspendStatusRequest"];
// @ts-expect-error an id is a string
({ suspend: true, userIds: [1] }) satisfies components["schemas"]["SuspendStatusRequest"];
// @ts-expect-error the path needs its network
void (() => known.POST(path, { body: change }));

console.log("The generated client works.");
