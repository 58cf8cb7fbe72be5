import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { geteuid } from "node:process";
import test from "ava";
import fc from "fast-check";
import { makeActivationCode } from "../../src/base/activation-code.ts";
import { credentialText } from "../../src/base/credential.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { verbs } from "../../src/configd/api/api.ts";
import { UnixConfigdClient } from "../../src/configd/api/client.ts";
import { routes } from "../../src/configd/api/routes.ts";
import type { AgentStatus } from "../../src/configd/api/status.ts";
import { largestRequestBytes } from "../../src/configd/verbs/server.ts";
import { testAppliance } from "../testkit/configd/test-appliance.ts";

const jobId = "0f8fad5b-d9cb-469f-a165-70867728950e";
const code = makeActivationCode(new Uint8Array(18).fill(7)).text;
const withRoot = geteuid?.() === 0 ? test : test.skip;

function exchange(
  socketPath: string,
  method: string,
  path: string,
  content: string | Buffer,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath,
        method,
        path,
        agent: false,
        headers: { "content-length": Buffer.byteLength(content) },
      },
      (incoming) => {
        let body = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => {
          body += chunk;
        });
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body }));
        incoming.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(content);
  });
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (error) {
    return error instanceof OutriderError ? error.code : String(error);
  }
}

test("every verb has a path of its own and is open on some socket", (t) => {
  const places = Object.values(routes).map(({ method, path }) => `${method} ${path}`);
  t.is(new Set(places).size, places.length);
  t.deepEqual(Object.keys(verbs), Object.keys(routes));
  for (const [name, { sockets }] of Object.entries(routes)) t.true(sockets.length > 0, name);
});

test("each socket answers only the verbs that name it", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  for (const [name, { method, path, sockets }] of Object.entries(routes)) {
    const open: readonly string[] = sockets;
    for (const [socket, socketPath] of [
      ["console", appliance.paths.consoleSocket],
      ["agent", appliance.paths.agentSocket],
    ] as const) {
      if (open.includes(socket)) continue;
      const { status, body } = await exchange(socketPath, method, path, "{}");
      t.is(status, 403, `${name} on ${socket}: ${body}`);
    }
  }
});

withRoot("only root and their groups may use the sockets", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  for (const [path, gid] of [
    [appliance.paths.consoleSocket, 822],
    [appliance.paths.agentSocket, 820],
  ] as const) {
    const facts = await stat(path);
    t.deepEqual([facts.uid, facts.gid, facts.mode & 0o777], [0, gid, 0o660]);
  }
});

test("malformed requests are refused with a reason", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { consoleSocket } = appliance.paths;
  const cases: [string, string, string, number][] = [
    ["POST", "/nothing", "{}", 400],
    ["DELETE", "/status", "", 400],
    ["POST", "/trial", "{", 400],
    ["POST", "/trial", "{}", 400],
    ["POST", "/trial/keep", '{"id":"../../x"}', 400],
    ["POST", "/trial/keep", '{"id":"00000000-0000-0000-0000-000000000000"}', 404],
    ["POST", "/power", '{"action":"explode"}', 400],
    ["GET", "/status?after=-1", "", 400],
    ["GET", "/status?after=x", "", 400],
    ["GET", "/status?before=1", "", 400],
  ];
  for (const [method, path, content, expected] of cases) {
    const { status, body } = await exchange(consoleSocket, method, path, content);
    t.is(status, expected, `${method} ${path} ${body}`);
    t.is(typeof JSON.parse(body).code, "string");
  }
});

test("a request that is too long is refused", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { status, body } = await exchange(
    appliance.paths.consoleSocket,
    "POST",
    "/trial",
    JSON.stringify({ padding: "x".repeat(largestRequestBytes) }),
  );
  t.is(status, 413);
  t.is(JSON.parse(body).code, "too-large");
});

test("configd answers any input and keeps running", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const content = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(routes).filter(({ method }) => method === "POST")),
      content,
      async ({ path }, body) => {
        const { status } = await exchange(appliance.paths.consoleSocket, "POST", path, body);
        t.true(status >= 200 && status < 600);
      },
    ),
    { numRuns: 150 },
  );
  t.is((await appliance.console.call("status", {})).hostname, "outrider");
});

test("a status request waits for a change, and returns at once after one", async (t) => {
  const appliance = await testAppliance(t);
  const { console, agent, clock } = appliance;
  await appliance.start();
  const first = await console.call("status", {});
  let answered = false;
  const waiting = console.call("status", { after: first.revision }).then((status) => {
    answered = true;
    return status;
  });
  await console.call("status", {});
  t.false(answered);
  await agent.call("agentStatus", agentStatus("connected"));
  const news = await waiting;
  t.is(news.agent?.state, "connected");
  t.true(news.revision > first.revision);

  const quiet = console.call("status", { after: news.revision });
  const behind = await console.call("status", { after: first.revision });
  t.is(behind.revision, news.revision);
  let over = false;
  void quiet.then(() => {
    over = true;
  });
  while (!over) {
    clock.advance(25_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.is((await quiet).agent?.state, "connected");
});

test("a restarted configd has new revisions, so that callers with an old one get the status at once", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { revision } = await appliance.console.call("status", {});
  await appliance.kill();
  appliance.clock.advance(1000);
  await appliance.start();
  t.true((await appliance.console.call("status", { after: revision })).revision > revision);
});

test("the agent is told what the status says of cards and networks", async (t) => {
  const appliance = await testAppliance(t);
  appliance.system.interfacesNow = [];
  await appliance.start();
  const { networkReports } = await appliance.console.call("status", {});
  t.is(networkReports[0]?.code, "interface-missing");
  t.deepEqual((await appliance.agent.call("networkReports", {})).reports, networkReports);
  await t.throwsAsync(appliance.console.call("networkReports", {}));
});

test("an update without a difference does not change the revision", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await appliance.agent.call("agentStatus", agentStatus("connected"));
  const { revision } = await appliance.console.call("status", {});
  await appliance.agent.call("agentStatus", agentStatus("connected"));
  t.is((await appliance.console.call("status", {})).revision, revision);
});

test("a changed link changes the status", async (t) => {
  const appliance = await testAppliance(t);
  const { system, clock } = appliance;
  await appliance.start();
  const { interfaces } = await appliance.console.call("status", {});
  t.deepEqual(
    interfaces.map(({ name, role }) => [name, role]),
    [
      ["eth0", "lan"],
      ["eth1", null],
    ],
  );
  const [first] = system.interfacesNow;
  if (first) first.linkUp = false;
  for (const changed of system.changed) changed();
  clock.advance(1000);
  t.false(
    (await appliance.until((status) => status.interfaces[0]?.linkUp === false)).interfaces[0]
      ?.linkUp,
  );
});

test("enrolment keeps address and code, hands them to the agent, and forgets the code when it was used", async (t) => {
  const appliance = await testAppliance(t);
  const { console, agent, system, paths } = appliance;
  await appliance.start();
  t.is(
    await codeOf(console.call("enrol", { url: "http://platform.outrider.test", code })),
    "settings-invalid",
  );
  t.is(
    await codeOf(
      console.call("enrol", {
        url: "platform.outrider.test",
        code: `${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}`,
      }),
    ),
    "code-malformed",
  );
  t.is(
    await codeOf(console.call("enrol", { url: "platform.outrider.test" })),
    "code-malformed",
    "there is no code that could be kept",
  );
  await console.call("enrol", {
    url: "platform.outrider.tset",
    code: ` ${code.toLowerCase().replaceAll("-", " ")} `,
  });
  await console.call("enrol", { url: "platform.outrider.test" });
  const status = await console.call("status", {});
  t.is(status.settings.platform.url, "https://platform.outrider.test");
  t.true(status.secrets.activationCode);
  t.false(JSON.stringify(status).includes(code));
  const credential = join(paths.credentials, "agent/activation-code");
  t.is(await readFile(credential, "utf8"), credentialText(code));
  t.is((await stat(credential)).mode & 0o777, 0o600);
  t.is(
    JSON.parse(await readFile(paths.agentConfiguration, "utf8")).platformUrl,
    "https://platform.outrider.test",
  );
  t.true(system.calls.includes("restartUnit outrider-agent.service"));

  const restarts = system.calls.filter((call) => call.startsWith("restartUnit")).length;
  await agent.call("enrolled", {});
  t.false((await console.call("status", {})).secrets.activationCode);
  t.is(await readFile(credential, "utf8"), credentialText(null));
  t.is(system.calls.filter((call) => call.startsWith("restartUnit")).length, restarts);
});

test("shards are started once their plan is there, seen, and stopped", async (t) => {
  const appliance = await testAppliance(t);
  const { agent, system, paths } = appliance;
  await appliance.start();
  t.is(await codeOf(agent.call("startShard", { jobId, shard: 0 })), "request-invalid");
  await mkdir(join(paths.scan, jobId), { recursive: true });
  await writeFile(join(paths.scan, jobId, "0.plan.json"), "{}");
  await agent.call("startShard", { jobId, shard: 0 });
  t.deepEqual(await agent.call("shards", { jobId }), { running: [0], failed: [] });
  system.unitStates.set(`outrider-scan@${jobId}-1.service`, {
    name: `outrider-scan@${jobId}-1.service`,
    activeState: "failed",
    result: "oom-kill",
  });
  system.unitStates.set("outrider-scan@another-2.service", {
    name: "outrider-scan@another-2.service",
    activeState: "active",
    result: "success",
  });
  t.deepEqual(await agent.call("shards", { jobId }), { running: [0], failed: [1] });
  await agent.call("stopJob", { jobId });
  t.deepEqual(await agent.call("shards", { jobId }), { running: [], failed: [] });
  t.true(system.calls.includes(`stopUnit outrider-scan@${jobId}-0.service`));
  t.false(system.calls.some((call) => call.includes("another")));
});

test("call now wakes the agent, or starts one that does not run", async (t) => {
  const appliance = await testAppliance(t);
  const { console, system } = appliance;
  await appliance.start();
  await console.call("callNow", {});
  t.is(system.calls.at(-1), "restartUnit outrider-agent.service");
  await console.call("callNow", {});
  t.is(system.calls.at(-1), "signalUnit outrider-agent.service SIGUSR2");
});

test("two concurrent doctor requests share one run", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  let finish: (() => void) | undefined;
  appliance.system.doctor = () =>
    new Promise((resolve) => {
      finish = () => resolve([]);
    });
  const both = [appliance.console.call("doctor", {}), appliance.agent.call("doctor", {})];
  while (!finish) await new Promise((resolve) => setImmediate(resolve));
  await appliance.console.call("status", {});
  finish();
  t.deepEqual(await Promise.all(both), [{ results: [] }, { results: [] }]);
  t.is(appliance.system.calls.filter((call) => call === "runDoctor").length, 1);
});

test("without configd the client reports configd-unreachable", async (t) => {
  const client = new UnixConfigdClient("/nonexistent/console.sock");
  const error = await t.throwsAsync(client.call("status", {}), { instanceOf: OutriderError });
  t.is(error?.code, "configd-unreachable");
  t.is(error?.detail, "it is not running");
  const stopped = new AbortController();
  stopped.abort(new Error("enough"));
  await t.throwsAsync(client.call("status", {}, stopped.signal), { message: "enough" });
});

function agentStatus(state: AgentStatus["state"]): AgentStatus {
  const contact = { url: null, lastSuccessAt: null, failure: null };
  return {
    state,
    applianceId: null,
    applianceName: null,
    platformName: null,
    nextCallAt: null,
    intervalSeconds: 180,
    clockOffsetMs: null,
    services: {
      enrolment: contact,
      health: contact,
      updates: contact,
      jobs: contact,
      results: contact,
    },
    failure: null,
    jobs: [],
    lastScan: null,
    spooledParts: 0,
    ipRanges: [],
  };
}
