// A real Prometheus scrapes real gateways with the shipped rules, and each alert is made to fire by what it is about. First with the rules as they are,
// for those that fire at the first event; then, for all, with each duration of the rules shortened from minutes to seconds and nothing else changed.
// Also runs each query of the dashboard and of the runbook, and each search of the runbook in the audit.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const { GATEWAY_URL, GATEWAY_API_KEY, SIMULATOR_URL, WORK } = process.env;
const ok = (what) => console.log(`ok: ${what}`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const children = [];
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

async function until(what, seconds, condition) {
  const deadline = Date.now() + seconds * 1000;
  for (let last; ; await sleep(200)) {
    try {
      if ((last = await condition()) === true) return ok(what);
    } catch (error) {
      last = error.message;
    }
    assert.ok(Date.now() < deadline, `${what}: not within ${seconds} s, last ${JSON.stringify(last)}`);
  }
}

async function listen(handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return server.address().port;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const shipped = readFileSync("deploy/prometheus/alerts.yml", "utf8");
const alerts = [...shipped.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
// Minutes become seconds: [5m] → [5s], for: 2m → for: 2s, 5 * 60 → 5 * 1, [1h] → [60s], [3d] → [4320s].
const seconds = { m: 1, h: 60, d: 1440 };
const shorten = (rules) => rules
  .replace(/\[(\d+)([mhd])\]/g, (_, n, unit) => `[${n * seconds[unit]}s]`)
  .replace(/^( +for: )(\d+)m$/gm, "$1$2s")
  .replace(/\* 60\b/g, "* 1");

class Prometheus {
  static async start(name, rules, targets) {
    const self = new Prometheus();
    const directory = `${WORK}/${name}`;
    mkdirSync(directory);
    writeFileSync(`${directory}/alerts.yml`, rules);
    writeFileSync(`${directory}/prometheus.yml`, `
global: { scrape_interval: 500ms, evaluation_interval: 500ms }
rule_files: [alerts.yml]
scrape_configs:
  - job_name: wickr-gateway
    static_configs: ${JSON.stringify(Object.entries(targets).map(([namespace, url]) => ({ targets: [new URL(url).host], labels: { namespace } })))}
`);
    const port = await freePort();
    self.url = `http://127.0.0.1:${port}`;
    self.process = spawn("prometheus", [`--config.file=${directory}/prometheus.yml`, `--storage.tsdb.path=${directory}/data`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"], { stdio: "inherit" });
    children.push(self.process);
    await until(`${name}: Prometheus scrapes ${Object.keys(targets).join(" and ")}`, 30, async () => (await self.query("up == 1")).length === Object.keys(targets).length);
    return self;
  }

  async query(expression) {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const body = await response.json();
    assert.equal(body.status, "success", `${expression}\n${JSON.stringify(body)}`);
    return body.data.result;
  }

  // With a namespace: that deployment's.
  fires(alert, namespace) {
    return until(`${alert} fires${namespace ? ` in ${namespace}` : ""}`, 60, async () => {
      const firing = await this.query(`ALERTS{alertname="${alert}",alertstate="firing"${namespace ? `,namespace="${namespace}"` : ""}}`);
      if (firing.length > 0) this.fired.add(alert);
      return firing.length > 0;
    });
  }

  fired = new Set();

  async stop() {
    this.process.kill();
    await once(this.process, "exit");
  }
}

const call = async (body = '{"suspend":true,"userIds":["1"]}', base = GATEWAY_URL) => {
  const response = await fetch(`${base}/networks/12345678/users/suspend-status`, { method: "POST", headers: { "X-Api-Key": GATEWAY_API_KEY, "Content-Type": "application/json" }, body });
  return response.status === 200 ? "none" : (await response.json()).type.split(":").at(-1);
};
const fault = async (what) => assert.equal((await fetch(`${SIMULATOR_URL}/_simulator/faults`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what) })).ok, true);
const reset = async () => assert.equal((await fetch(`${SIMULATOR_URL}/_simulator/reset`, { method: "POST" })).ok, true);
// Calls, `width` at once, until the promise has ended.
async function during(promise, width, pause = 0) {
  let ended = false;
  const done = promise.finally(() => (ended = true));
  const seen = {};
  await Promise.all([done, ...Array.from({ length: width }, async () => {
    while (!ended) {
      const problem = await call();
      seen[problem] = (seen[problem] ?? 0) + 1;
      await sleep(pause);
    }
  })]);
  return seen;
}

// A second gateway, as a program of its own: its credentials expire soon and are not replaced by longer ones, and its Wickr's clock is ten minutes ahead.
cpSync("src/WickrGateway/bin/Debug/net10.0", `${WORK}/program`, { recursive: true });
const credentials = await listen((_, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ AccessKeyId: "AKIDEXAMPLE000000000", SecretAccessKey: "an-example-secret-access-key-of-40-chars", Token: "an-example-session-token", Expiration: new Date(Date.now() + 170_000).toISOString().replace(/\.\d+Z/, "Z") }));
});
let signed = 0;
const skewed = await listen((request, response) => {
  request.resume();
  const refused = signed++ === 0;
  response.writeHead(refused ? 403 : 200, { Date: new Date(Date.now() + 600_000).toUTCString(), "Content-Type": "application/json", ...(refused && { "x-amzn-ErrorType": "RequestTimeTooSkewed" }) });
  response.end(refused ? '{"message":"skewed"}' : '{"message":"success","successful":[{"userId":"1"}],"failed":[]}');
});
const otherLog = openSync(`${WORK}/other.log`, "w");
const otherUrl = `http://127.0.0.1:${await freePort()}`;
const other = spawn("dotnet", [`${WORK}/program/WickrGateway.dll`, `--urls=${otherUrl}`, "--Wickr:Region=us-east-1", `--Wickr:Endpoint=http://127.0.0.1:${skewed}`,
  "--Auth:Callers:demo:ApiKeySha256:0=c54f9cedd4187948c7b98354ac0786702442311b60640caabb47cf806f31811e", "--Auth:Callers:demo:Networks:0=12345678", "--Auth:Callers:demo:Actions:0=suspend"],
  { stdio: ["ignore", otherLog, otherLog], env: { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"))), DOTNET_USE_POLLING_FILE_WATCHER: "1", AWS_EC2_METADATA_DISABLED: "true", AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${credentials}/` } });
children.push(other);
await until("the second gateway is there", 30, async () => (await fetch(`${otherUrl}/healthz`)).ok);

const targets = { first: GATEWAY_URL, second: otherUrl };
const asShipped = await Prometheus.start("as-shipped", shipped, targets);
const shortened = await Prometheus.start("shortened", shorten(shipped), targets);
await until("the rules are evaluated", 30, async () => (await asShipped.query("wickr_gateway:failures:increase1h")).length === 2);
assert.deepEqual(await asShipped.query('ALERTS{alertstate="firing"}'), []);

// The first failure of its life.
await fault({ status: 403, errorType: "AccessDeniedException" });
assert.equal(await call(), "wickr-denied");
await asShipped.fires("WickrDeniesTheGateway", "first");
assert.deepEqual(await asShipped.query('ALERTS{alertname="WickrDeniesTheGateway",namespace="second"}'), []);
await shortened.fires("WickrDeniesTheGateway", "first");

// The policy, and the audit file that somebody changes.
assert.equal(await call('{"suspend":true,"userIds":["100"]}'), "protected-user");
await asShipped.fires("WickrGatewayPolicyRefuses", "first");
await shortened.fires("WickrGatewayPolicyRefuses", "first");
renameSync(`${WORK}/audit.jsonl`, `${WORK}/audit.moved.jsonl`);
writeFileSync(`${WORK}/audit.jsonl`, "");
await fault({ status: 500, count: 3 });
assert.equal(await call(), "wickr-failed");
await asShipped.fires("WickrGatewayAuditFails", "first");
await shortened.fires("WickrGatewayAuditFails", "first");

// Wickr fails: no call has succeeded yet.
await fault({ status: 503, count: 100_000 });
await during(Promise.all(["WickrGatewayEveryCallFails", "WickrGatewayErrorBudgetBurnsFast", "WickrCircuitBreakerOpen", "WickrGatewayRetryBudgetSpent"].map((alert) => shortened.fires(alert, "first"))), 2, 20);
await Promise.all(["WickrGatewayEveryCallFails", "WickrGatewayErrorBudgetBurnsFast"].map((alert) => asShipped.fires(alert, "first")));
await Promise.all(["WickrGatewayErrorBudgetBurns", "WickrGatewayErrorBudgetBurnsSlowly"].map((alert) => shortened.fires(alert, "first")));
await reset();
await until("the circuit breaker closes", 30, async () => (await call()) === "none");

await fault({ status: 429, errorType: "RateLimitError", retryAfter: 60, count: 100_000 });
console.log(await during(shortened.fires("WickrThrottlesTheGateway", "first"), 1, 200));
await reset();
// Two permits and no queue, and responses that are slower than the objective.
await fault({ delayMs: 2_700, count: 100_000 });
console.log(await during(Promise.all([shortened.fires("WickrGatewayOverloaded", "first"), shortened.fires("WickrGatewayLatencyBudgetBurns", "first")]), 3, 50));
await reset();

await shortened.fires("WickrGatewayLimitStoreDown", "first");
writeFileSync(`${WORK}/callers.json`, '{ "Callers": { "new": { "Networks": ["x"] } } }');
await shortened.fires("WickrGatewayCallersStale", "first");
const settings = JSON.parse(readFileSync(`${WORK}/program/appsettings.json`, "utf8"));
writeFileSync(`${WORK}/program/appsettings.json`, JSON.stringify({ ...settings, Policy: { ...settings.Policy, Networks: { 12345678: { SuspendLimit: "many" } } } }));
await shortened.fires("WickrGatewayPolicyStale", "second");
assert.equal(await call(undefined, otherUrl), "none");
await shortened.fires("WickrGatewayClockIsOff", "second");
await shortened.fires("WickrGatewayCredentialsExpire", "second");

// The documents' queries, while everything is there.
const dashboard = JSON.parse(readFileSync("deploy/grafana/dashboard.json", "utf8"));
const ALL = { $job: ".*", $namespace: ".*", $region: ".*", $instance: ".*", $__rate_interval: "5m" };
let empty = [];
for (const { title, targets: queries = [] } of dashboard.panels)
  for (const { expr } of queries) if ((await asShipped.query(expr.replace(/\$\w+/g, (name) => ALL[name]))).length === 0) empty.push(`${title}: ${expr}`);
assert.deepEqual(empty, []);
for (const { definition } of dashboard.templating.list.slice(1)) {
  const [, selector, label] = definition.match(/^label_values\((.+), (\w+)\)$/);
  assert.ok((await asShipped.query(`count by (${label}) (${selector.replace(/\$\w+/g, (name) => ALL[name])})`)).every(({ metric }) => metric[label]), definition);
}
const success = await asShipped.query(dashboard.panels.find(({ title }) => title === "Success rate").targets[0].expr.replace(/\$\w+/g, (name) => ALL[name]));
assert.deepEqual(success.map(({ metric }) => metric.namespace).sort(), ["first", "second"]);
ok("each query of the dashboard finds something, the success rate for each deployment");

const runbook = readFileSync("deploy/runbook.md", "utf8");
const queries = [...runbook.matchAll(/^```promql\n([^]*?)^```$/gm), ...runbook.matchAll(/(?<!`)`([^`\n]*(?:wickr_gateway_|\bup )[^`\n]*)`/g)].map(([, query]) => query);
assert.ok(queries.length > 10);
for (const query of queries) await asShipped.query(query);
ok(`${queries.length} queries of the runbook are valid`);
const searches = [...runbook.matchAll(/^```sh\n(jq [^]*?)^```$/gm)].map(([, search]) => search);
assert.equal(searches.length, 2);
for (const search of searches) {
  const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", search], { cwd: WORK, encoding: "utf8" });
  assert.equal(status, 0, `${search}\n${stderr}`);
  if (search.includes('>= 500')) assert.match(stdout, /"problem":"wickr-denied"/);
  else assert.equal(stdout, "", "each call that was requested is completed");
}
// A call whose end is missing is found.
const lines = readFileSync(`${WORK}/audit.moved.jsonl`, "utf8").trim().split("\n");
const started = lines.findIndex((line) => JSON.parse(line).event === "requested");
mkdirSync(`${WORK}/cut`);
writeFileSync(`${WORK}/cut/audit.jsonl`, `${lines.slice(0, started + 1).join("\n")}\n`);
assert.match(spawnSync("bash", ["-c", searches[1]], { cwd: `${WORK}/cut`, encoding: "utf8" }).stdout, /"clientToken"/);
ok("each search of the runbook finds its lines");

// A gateway goes, while the other one works; the shipped rules are pending, the shortened ones fire.
other.kill();
await Promise.all([shortened.fires("WickrGatewayReplicaDown", "second"), shortened.fires("WickrGatewayNotSeen", "second")]);
await until("the shipped rules see it too and wait", 10, async () => (await asShipped.query('ALERTS{alertname=~"WickrGatewayNotSeen|WickrGatewayReplicaDown",namespace="second",alertstate="pending"}')).length === 2);
assert.deepEqual(await shortened.query('ALERTS{alertname=~"WickrGatewayNotSeen|WickrGatewayReplicaDown",namespace="first",alertstate="firing"}'), []);

assert.deepEqual([...shortened.fired].sort(), [...alerts].sort());
ok(`all ${alerts.length} alerts have fired`);
await Promise.all([asShipped.stop(), shortened.stop()]);
process.exit(0);
