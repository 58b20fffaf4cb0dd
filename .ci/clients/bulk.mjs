// Runs a client for long lists, given as a command, against an upstream that cuts, refuses and stops in turn, and checks the rules of
// src/WickrGateway/clients.md: the same list with the same token again where that helps, an end where it does not.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";

const [command, ...args] = process.argv.slice(2);
const type = { "Content-Type": "application/x-ndjson" };
const users = (body) => JSON.parse(body).userIds;
const batch = (more) => JSON.stringify({ batch: 1, of: 2, userIds: ["1"], clientToken: "0".repeat(64), ...more });
const applied = batch({ status: 200, outcome: "applied", attempts: 1, result: { successful: [{ userId: "1" }], failed: [{ userId: "2", reason: "gone" }] } });
const failed = (status, outcome) => batch({ status, outcome, problem: { type: "urn:wickr-gateway:x", title: "", status, detail: "", traceId: "0", outcome } });
const summary = (body, more) => JSON.stringify({ summary: true, complete: false, users: users(body).length, successful: 1, failed: 0, unknown: 0, notSent: 0, ...more });
const lines = (make) => (body, response) => response.writeHead(200, type).end(make(body).map((line) => `${line}\n`).join(""));

const noResponse = (_, response) => response.socket.destroy();
const cut = (_, response) => response.writeHead(200, type).write(`${applied}\n`, () => setTimeout(() => response.socket.destroy(), 50));
const ended = lines(() => [applied]);
const half = (_, response) => response.writeHead(200, type).write(`${applied}\n{"batch":2,"of`, () => setTimeout(() => response.socket.destroy(), 50));
const busy = (_, response) => response.writeHead(429, { "Content-Type": "application/problem+json", "Retry-After": "0" }).end('{"type":"t","title":"","status":429,"detail":"","traceId":"0"}');
const unknown = lines((body) => [applied, failed(502, "unknown"), summary(body, { unknown: 1, stopped: "wickr-failed" })]);
const throttled = lines((body) => [failed(429, "not-applied"), summary(body, { stopped: "wickr-throttled" })]);
const stopping = lines((body) => [applied, summary(body, { stopped: "shutting-down" })]);
const complete = lines((body) => [applied, summary(body, { complete: true })]);
const denied = lines((body) => [failed(502, "not-applied"), summary(body, { stopped: "wickr-denied" })]);
const revoked = lines((body) => [applied, summary(body, { stopped: "unauthenticated" })]);
const refused = (_, response) => response.writeHead(403, { "Content-Type": "application/problem+json" }).end('{"type":"t","title":"","status":403,"detail":"","traceId":"0"}');

async function run(responses, ...more) {
  const bodies = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    bodies.push(body);
    (responses[bodies.length - 1] ?? refused)(body, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = spawn(command, [...args, ...more], { env: { ...process.env, GATEWAY_URL: `http://127.0.0.1:${server.address().port}` } });
  let output = "";
  for (const stream of [client.stdout, client.stderr]) stream.on("data", (data) => (output += data));
  const [code] = await once(client, "close");
  server.closeAllConnections();
  server.close();
  assert.match(output, new RegExp(`^clientToken: ${JSON.parse(bodies[0]).clientToken}\\b`), "the token is printed first");
  assert.equal(new Set(bodies).size, 1, "every request is the same");
  return { code, sent: bodies.length, output, token: JSON.parse(bodies[0]).clientToken };
}

const all = await run([noResponse, cut, busy, unknown, complete]);
assert.deepEqual([all.sent, all.code], [5, 0], `resumes until it is complete: ${all.output}`);
assert.match(all.output, /failed: 2 \(gone\)/, "prints whom Wickr could not change");
const more = await run([ended, half, throttled, stopping, complete], "resumed-token");
assert.deepEqual([more.sent, more.code, more.token], [5, 0, "resumed-token"], `resumes with its token: ${more.output}`);
for (const last of [denied, revoked, refused]) {
  const stopped = await run([cut, last]);
  assert.equal(stopped.sent, 2, `stops where a repeat does not help: ${stopped.output}`);
  assert.notEqual(stopped.code, 0);
}

console.log("ok: resumes a list and stops as it should");
