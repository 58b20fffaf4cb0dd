// Problems to be read by generated clients: one of each documented status from the real gateway, and all examples of the document.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

const path = "/networks/12345678/users/suspend-status";
const change = { suspend: true, userIds: ["2"] };

/** Brings about each status but 500, for which there is no way from outside, at the gateway. Its Wickr:MaxConcurrency must be 1 and its queue 0. */
export async function record({ gateway, simulator, apiKey }) {
  const headers = { "X-Api-Key": apiKey, "Content-Type": "application/json" };
  const send = async (options = {}) => {
    const response = await fetch(gateway + (options.path ?? path), { method: options.method ?? "POST", headers: { ...headers, ...options.headers }, body: options.body ?? JSON.stringify(change) });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };
  const fault = async (fault) => assert((await fetch(`${simulator}/_simulator/faults`, { method: "POST", body: JSON.stringify(fault) })).ok);
  const afterFault = async (fields, options) => (await fault(fields), send(options));
  const overloaded = async () => {
    await fault({ delayMs: 1000 });
    return (await Promise.all([send(), send()])).find(({ status }) => status === 503);
  };

  const slow = slowBody(gateway, apiKey);
  const problems = [
    await send({ body: JSON.stringify({ suspend: true, userIds: ["none"] }) }),
    await send({ headers: { "X-Api-Key": "wrong" } }),
    await send({ path: "/networks/87654321/users/suspend-status" }),
    await afterFault({ status: 404 }),
    await send({ method: "PUT" }),
    await send({ body: " ".repeat(70_000) }),
    await send({ headers: { "Content-Type": "text/plain" } }),
    await afterFault({ status: 422 }),
    await afterFault({ status: 429, retryAfter: 60 }),
    await afterFault({ status: 403, errorType: "AccessDeniedException" }),
    await overloaded(),
    await afterFault({ kind: "hang" }, { headers: { "X-Request-Timeout": "1" } }),
    await slow,
  ];
  return problems.map((problem) => ({ ...problem, name: `${problem.status} of the gateway` }));
}

/** Sends the head of a request and not its body. */
function slowBody(gateway, apiKey) {
  const { hostname, port } = new URL(gateway);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let response = "";
    socket.on("data", (data) => (response += data)).on("error", reject).on("close", () => {
      const [head, body] = response.split("\r\n\r\n");
      resolve({ status: Number(head.split(" ")[1]), headers: { "content-type": /content-type: (.*)/i.exec(head)[1] }, body: body.match(/{.*}/s)[0] });
    });
    socket.write(`POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nX-Api-Key: ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{`);
  });
}

export const examples = (document) =>
  Object.entries(document.paths["/networks/{networkId}/users/suspend-status"].post.responses).filter(([status]) => status !== "200").flatMap(([status, { content }]) =>
    Object.entries(content["application/problem+json"].examples).map(([name, { value }]) => ({ name: `${status} ${name}`, status: Number(status), headers: { "content-type": "application/problem+json" }, body: JSON.stringify(value) })));

/** Answers every call below /0 with the first of the problems, below /1 with the second, and so on. */
export async function serve(problems) {
  const server = createServer(async (request, response) => {
    await text(request);
    const { status, headers, body } = problems[Number(request.url.split("/")[1])];
    response.writeHead(status, { "Content-Type": headers["content-type"], ...(headers["retry-after"] && { "Retry-After": headers["retry-after"] }) }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { urls: problems.map((_, index) => `http://127.0.0.1:${server.address().port}/${index}`), close: () => server.close() };
}
