// Arguments: each client's name and command. Runs them against the gateway and against every problem, and compares what they read with what was sent.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { examples, record, serve } from "./problems.mjs";

const { GATEWAY_URL: gateway, SIMULATOR_URL: simulator, GATEWAY_API_KEY: apiKey } = process.env;
const document = JSON.parse(readFileSync("openapi.json", "utf8"));
const recorded = await record({ gateway, simulator, apiKey });
const documented = examples(document);
const statuses = [...new Set(documented.map(({ status }) => status))];
assert.deepEqual(recorded.map(({ status }) => status).sort(), statuses.filter((status) => status !== 500).sort());
assert(recorded.every(({ headers }) => headers["content-type"] === "application/problem+json"));
const problems = [...recorded, ...documented];
const server = await serve(problems);

async function use(name, command) {
  const client = spawn(command[0], command.slice(1), { env: { ...process.env, PROBLEM_URLS: server.urls.join(",") }, stdio: ["ignore", "pipe", "inherit"] });
  const output = await text(client.stdout);
  assert.equal(client.exitCode ?? (await new Promise((resolve) => client.on("close", resolve))), 0, `${name} failed`);
  const read = JSON.parse(output);
  assert.deepEqual(read.changed.successful, [{ userId: "1" }], name);
  assert.equal(read.changed.failed[0].userId, "999", name);
  assert.deepEqual([read.dryRun.dryRun, read.dryRun.userIds], [true, ["1", "999"]], name);
  assert.deepEqual([read.bulk.summary.complete, read.bulk.summary.successful, read.bulk.summary.failed, read.bulk.result.failed[0].userId], [true, 1, 1, "999"], name);
  assert.equal(read.caller.caller, "demo", name);
  assert.deepEqual(Object.keys(read.refused.errors), ["userIds[0]"], name);
  for (const [index, problem] of problems.entries()) assert.deepEqual(read.problems[index], JSON.parse(problem.body), `${name}: ${problem.name}`);
  console.log(`ok: ${name} makes its calls and reads ${problems.length} problems of ${statuses.length} statuses`);
}

for (const argument of process.argv.slice(2)) {
  const [name, command] = argument.split(": ");
  await use(name, command.split(" "));
}
server.close();
