// Runs a client, given as a command, against an upstream that fails in turn, and checks the rules of src/WickrGateway/clients.md:
// print the token first, send the same request again where that helps, stop where it does not.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";

const [command, ...args] = process.argv.slice(2);
const problem = (status, body, headers = {}) => (_, response) =>
  response.writeHead(status, { "Content-Type": "application/problem+json", ...headers }).end(JSON.stringify({ title: "", status, detail: "…", traceId: "0".repeat(32), ...body }));

const forward = async (body, response) => {
  const { url, headers } = response.req;
  const real = await fetch(process.env.GATEWAY_URL + url, { method: "POST", headers: { "X-Api-Key": headers["x-api-key"], "Content-Type": headers["content-type"] }, body });
  response.writeHead(real.status, { "Content-Type": real.headers.get("Content-Type") }).end(await real.text());
};
const noResponse = (_, response) => response.socket.destroy();
const proxyPage = (_, response) => response.writeHead(502, { "Content-Type": "text/html; charset=utf-8" }).end("<html>Bad gateway</html>");
const proxyJson = (_, response) => response.writeHead(503, { "Content-Type": "application/json" }).end('{"message":"Service Unavailable"}');
const unknown = problem(504, { type: "urn:wickr-gateway:wickr-timeout", outcome: "unknown" });
const overloaded = problem(503, { type: "urn:wickr-gateway:overloaded", outcome: "not-applied" }, { "Retry-After": "0" });
const forbidden = problem(403, { type: "urn:wickr-gateway:forbidden" });
const denied = problem(502, { type: "urn:wickr-gateway:wickr-denied", outcome: "not-applied" });

async function run(responses, ...more) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    requests.push({ body, time: Date.now() });
    await (responses[requests.length - 1] ?? denied)(body, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  const client = spawn(command, [...args, ...more], { env: { ...process.env, GATEWAY_URL: `http://127.0.0.1:${server.address().port}` } });
  let output = "";
  for (const stream of [client.stdout, client.stderr]) stream.on("data", (data) => (output += data));
  const [code] = await once(client, "close");
  server.closeAllConnections();
  server.close();

  const token = JSON.parse(requests[0].body).clientToken;
  assert.match(output, new RegExp(`^clientToken: ${token}\\b`), "the token is printed first");
  assert.equal(new Set(requests.map(({ body }) => body)).size, 1, "every request is the same");
  return { code, token, sent: requests.length, output };
}

const retried = await run([noResponse, proxyPage, unknown, overloaded, forward]);
assert.deepEqual([retried.sent, retried.code], [5, 0], `sends again until it succeeds: ${retried.output}`);
assert.match(retried.token, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i, "the token is a random UUID");

const foreign = await run([proxyJson, forward]);
assert.deepEqual([foreign.sent, foreign.code], [2, 0], `sends again after JSON that the gateway did not write: ${foreign.output}`);

const stopped = await run([forbidden], "0b9c1f7e-resumed");
assert.deepEqual([stopped.sent, stopped.token], [1, "0b9c1f7e-resumed"], `stops, and takes its token from the arguments: ${stopped.output}`);
assert.notEqual(stopped.code, 0, "fails when the change is refused");

const refused = await run([unknown, denied]);
assert.equal(refused.sent, 2, `stops when a later response is final: ${refused.output}`);
assert.notEqual(refused.code, 0);

console.log("ok: prints its token, sends again and stops as it should");
