// Runs the blocks of the documents that can be run beside a gateway and a simulator, and compares what they print. The snippets for
// callers are 50-clients' matter, the images 60-containers'.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";

const { GATEWAY_URL, SIMULATOR_URL, SIGNING_KEY, WORK } = process.env;
const root = process.cwd();
const program = `${root}/src/WickrGateway/bin/Debug/net10.0/WickrGateway.dll`;
const blocks = (file) => [...readFileSync(file, "utf8").matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language, text]) => ({ language, text }));
const ok = (what) => console.log(`ok: ${what}`);

function bash(script, env = {}) {
  const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", script], { cwd: WORK, env: { ...process.env, ...env }, encoding: "utf8", timeout: 60_000 });
  assert.equal(status, 0, `${script}\nexit code ${status}: ${stdout}${stderr}`);
  return stdout;
}

// What differs from one response to the next.
const settled = (response) => response.trim().replaceAll("\r", "")
  .replace(/"traceId":"[0-9a-f]{32}"/, '"traceId":"…"')
  .replace(/"clientToken":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/, '"clientToken":"…"')
  .replace(/ again at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\./, " again at ….")
  .replace(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/m, "Date: …")
  .replace(/^X-Trace-Id: [0-9a-f]{32}$/m, "X-Trace-Id: …")
  .replace(/^(X-Client-Token|x-amzn-RequestId): [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/gm, "$1: …");

const here = (text) => text.replaceAll("http://localhost:8080", GATEWAY_URL).replaceAll("http://localhost:8081", SIMULATOR_URL);

function token() {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const content = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ iss: "https://login.example.com", aud: "wickr-gateway", sub: "service-account-offboarding", iat: now, nbf: now, exp: now + 300 })}`;
  return `${content}.${createHmac("sha256", Buffer.from(SIGNING_KEY, "base64")).update(content).digest("base64url")}`;
}

// The README comes first: its first response shows the rate limit of a caller's first request.
for (const file of ["README.md", "src/WickrGateway/README.md"]) {
  let compared = 0;
  const all = blocks(file);
  for (const [index, { language, text }] of all.entries()) {
    if (language !== "sh" || !text.startsWith("curl ")) continue;
    const response = bash(`${here(text)}`, { TOKEN: token() });
    const printed = ["", "json"].includes(all[index + 1]?.language) ? all[index + 1].text : undefined;
    if (printed?.match(/^(HTTP|{"(type|message|dryRun|caller)")/)) {
      assert.equal(settled(response), settled(printed), `${file}: ${text}`);
      compared++;
    } else assert.match(response, /"successful":\[{/, `${file}: ${text}`);
  }
  assert.equal(compared, { "README.md": 3, "src/WickrGateway/README.md": 6 }[file]);
  ok(`${file}: ${compared} requests get the printed responses`);
}

// A call with an unknown outcome, so that each query of the audit finds something.
bash(`curl -sSf -d '{"status": 500, "count": 3}' ${SIMULATOR_URL}/_simulator/faults
  curl -sS ${GATEWAY_URL}/networks/12345678/users/suspend-status -H "X-Api-Key: $GATEWAY_API_KEY" -H 'Content-Type: application/json' -d '{"suspend": true, "userIds": ["5"]}'`);
const queries = blocks("src/WickrGateway/README.md").filter(({ text }) => text.startsWith("jq "));
for (const { text } of queries) assert.match(bash(text.replaceAll("1234567", "1").replaceAll("helpdesk", "demo")), /^{"time":/, text);
assert.equal(queries.length, 5);
ok("each query of the audit finds its lines");

// The commands, from the root of the checkout, with the directory of this run's audit file.
let commands = 0;
for (const { text } of blocks("src/WickrGateway/README.md").filter(({ language }) => language === "console")) {
  const [command, ...lines] = text.trimEnd().split("\n");
  const pattern = lines.map((line) => line.replace(/…(\d+) [^…]*…/, "\\S{$1}").replace(/\d+ lines in \d+ files/, "\\d+ lines in \\d+ files")).join("\n");
  assert.match(bash(`cd ${root}; ${command.slice(2).replaceAll("/var/log/wickr-gateway", WORK)}`), new RegExp(`^${pattern}\n$`), command);
  commands++;
  ok(command);
}
assert.equal(commands, 2);

// Each configuration starts, with a hash in place of each placeholder.
let placeholders = 0;
const filled = (text) => text.replace(/<hash>|…the hash…/g, () => createHash("sha256").update(`${++placeholders}`).digest("hex"));
const settings = (node, path = []) => (node instanceof Object ? Object.entries(node).flatMap(([key, value]) => settings(value, [...path, key])) : [`--${path.join(":")}=${node}`]);
async function starts(what, args, env = {}) {
  const gateway = spawn("dotnet", [program, "--urls=http://127.0.0.1:0", "--Wickr:Region=us-east-1", ...args], { env: { ...process.env, ...env, AWS_EC2_METADATA_DISABLED: "true" } });
  let output = "";
  const ended = once(gateway, "close");
  for (const stream of [gateway.stdout, gateway.stderr]) stream.on("data", (data) => (output += data).includes("Now listening on") && gateway.kill());
  await ended;
  assert.match(output, /Now listening on/, `${what}\n${output}`);
}

let configurations = 0;
for (const { language, text } of blocks("src/WickrGateway/README.md")) {
  if (language === "json" && /^{\s*"(Auth|Authentication|Policy)"/.test(text)) await starts(text, settings(JSON.parse(filled(text))));
  else if (language === "json" && /^{\s*"Callers"/.test(text)) {
    writeFileSync(`${WORK}/callers.json`, filled(text));
    await starts(text, [`--Auth:CallersFile=${WORK}/callers.json`]);
  } else if (language === "sh" && text.includes("Auth__")) {
    await starts(text, [], Object.fromEntries(filled(text).trim().split("\n").map((line) => line.replace("export ", "").split("="))));
  } else continue;
  configurations++;
}
assert.equal(configurations, 6);
ok(`${configurations} configurations start`);

assert.match(bash(blocks("src/WickrGateway/README.md").find(({ text }) => text.startsWith("KEY=")).text), /^[0-9a-f]{64}\n$/);
ok("a key is made and hashed");

// The simulator. The AWS CLI and boto3 are used where they know Wickr.
const simulator = blocks("src/WickrSimulator/README.md");
const credentials = simulator.find(({ text }) => text.startsWith("export AWS_")).text;
writeFileSync(`${WORK}/.curlrc`, "fail-with-body\nsilent\nshow-error\n");
for (const { language, text } of simulator) {
  const script = here(text);
  if (text.startsWith("curl ")) bash(script, { CURL_HOME: WORK });
  else if (text.startsWith("aws ") && spawnSync("aws", ["wickr", "help"], { env: { ...process.env, AWS_PAGER: "" } }).status === 0) bash(`${credentials}${script}`, { AWS_PAGER: "" });
  else if (language === "python" && spawnSync("python3", ["-c", "import boto3; boto3.client('wickr', 'us-east-1')"]).status === 0) bash(`${credentials}python3 - <<'END'\n${script}END`);
  else continue;
  ok(`src/WickrSimulator/README.md: ${text.trim().split("\n").at(-1)}`);
}
