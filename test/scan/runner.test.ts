import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import { readAll } from "../../src/scan/engine.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { hasRawNetwork } from "../../src/scan/run/capability.ts";
import type { ShardPlan } from "../../src/scan/schemas.ts";
import { validators } from "../../src/scan/validators.ts";

const jobId = "00000000-0000-4000-8000-000000000001";
const main = join(import.meta.dirname, "../../src/scan/run/main.ts");
const engine = join(import.meta.dirname, "../../src/simulation/nmap.ts");

const plan: ShardPlan = {
  version: 1,
  jobId,
  attempt: 1,
  shard: 4,
  tryNumber: 1,
  phase: "services",
  targets: ["192.0.2.10", "192.0.2.11"],
  exclusions: [],
  profile: "normal",
  ports: "top-100",
  slice: { protocol: "tcp", top: 100 },
  packetsPerSecond: 100,
  device: null,
  deadlineSeconds: 60,
};

async function prepare(t: ExecutionContext, written: unknown) {
  const root = await mkdtemp(join(tmpdir(), "outrider-runner-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, "data/outrider/scan", jobId);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "4.plan.json"),
    typeof written === "string" ? written : JSON.stringify(written),
  );
  const machine = join(root, "machine.json");
  await writeFile(
    machine,
    JSON.stringify({
      scanTargets: [
        {
          address: "192.0.2.10",
          ports: [{ number: 22, service: "ssh", product: "OpenSSH", version: "9.2p1" }],
        },
      ],
    }),
  );
  const run = (environment: Record<string, string> = {}, name = `${jobId}-4`) =>
    execa(process.execPath, [main, name], {
      env: {
        OUTRIDER_ROOT: root,
        OUTRIDER_NMAP: engine,
        OUTRIDER_SIMULATED: "test",
        OUTRIDER_DESCRIBED_MACHINE: machine,
        ...environment,
      },
      reject: false,
    });
  return { root, folder, run };
}

test("a plan becomes XML and a done file", async (t) => {
  const { folder, run } = await prepare(t, plan);
  const { exitCode, stderr } = await run();
  t.is(exitCode, 0, stderr);
  const done = validators.ShardDone(
    JSON.parse(await readFile(join(folder, "4.done.json"), "utf8")),
  );
  t.true(
    done.valid &&
      done.value.exitCode === 0 &&
      done.value.signal === null &&
      done.value.endedAt >= done.value.startedAt,
  );
  const { hosts, run: read } = await readAll(nmap.read([await readFile(join(folder, "4.xml"))]));
  t.is(hosts[0]?.ports[0]?.service?.product, "OpenSSH");
  t.like(read.finished, { up: 1, down: 1 });
});

test("the engine gets a clean environment with an empty home", async (t) => {
  const { root, folder, run } = await prepare(t, plan);
  const spy = join(root, "spy.ts");
  await writeFile(
    spy,
    `import { readdirSync, writeFileSync } from "node:fs"; import { join } from "node:path";
     writeFileSync(${JSON.stringify(join(root, "seen.json"))}, JSON.stringify({ environment: process.env, home: readdirSync(process.env.HOME ?? "/") }));`,
  );
  await run({ OUTRIDER_NMAP: spy, SECRET: "x" });
  const seen: { environment: Record<string, string>; home: string[] } = JSON.parse(
    await readFile(join(root, "seen.json"), "utf8"),
  );
  t.deepEqual(Object.keys(seen.environment).sort(), [
    "HOME",
    "LC_ALL",
    "OUTRIDER_DESCRIBED_MACHINE",
    "PATH",
  ]);
  t.deepEqual(seen.home, []);
  await t.notThrowsAsync(readFile(join(folder, "4.done.json")));
});

test("an engine that does not exist leaves a done file with the reason", async (t) => {
  const { folder, run } = await prepare(t, plan);
  await run({ OUTRIDER_NMAP: "/nowhere/nmap" });
  const done = validators.ShardDone(
    JSON.parse(await readFile(join(folder, "4.done.json"), "utf8")),
  );
  t.true(done.valid && done.value.exitCode !== 0);
  t.regex(done.valid ? done.value.errorTail : "", /ENOENT|nowhere/);
});

test("an engine that hangs is ended at its limit", async (t) => {
  const { root, folder, run } = await prepare(t, { ...plan, deadlineSeconds: 1 });
  const hang = join(root, "hang.ts");
  await writeFile(hang, "setInterval(() => undefined, 1000);");
  await run({ OUTRIDER_NMAP: hang });
  const done = validators.ShardDone(
    JSON.parse(await readFile(join(folder, "4.done.json"), "utf8")),
  );
  t.true(done.valid && done.value.signal === "SIGTERM");
  t.regex(done.valid ? done.value.errorTail : "", /limit/);
});

test("a run that is stopped, as at a restart, leaves no done file: it is no failed try", async (t) => {
  const { root, folder, run } = await prepare(t, plan);
  const hang = join(root, "hang.ts");
  await writeFile(
    hang,
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(join(root, "runs"))}, String(process.pid));
     setInterval(() => undefined, 1000);`,
  );
  const stopped = run({ OUTRIDER_NMAP: hang });
  const pid = Number(await untilWritten(join(root, "runs")));
  stopped.kill("SIGTERM");
  const { exitCode, signal, stderr, shortMessage } = await stopped;
  t.is(exitCode, 0, `${signal} ${stderr} ${shortMessage}`);
  await t.throwsAsync(readFile(join(folder, "4.done.json")), { code: "ENOENT" });
  t.throws(() => process.kill(pid, 0), { code: "ESRCH" }, "the engine has ended");
});

async function untilWritten(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text !== "") return text;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

for (const [title, written] of [
  ["is not JSON", "{"],
  ["has an option for a target", { ...plan, targets: ["-oN/etc/x"] }],
  ["has both families", { ...plan, targets: ["192.0.2.10", "2001:db8::10"] }],
  ["has nothing to scan", { ...plan, exclusions: ["192.0.2.0/24"] }],
  ["is another shard's", { ...plan, shard: 5 }],
  ["has an unknown field", { ...plan, script: "vuln" }],
] as const) {
  test(`a plan that ${title} starts nothing`, async (t) => {
    const { folder, run } = await prepare(t, written);
    const { exitCode } = await run();
    t.is(exitCode, 1);
    await t.throwsAsync(readFile(join(folder, "4.done.json")), { code: "ENOENT" });
  });
}

test("CAP_NET_RAW is read from the process's status", (t) => {
  t.true(hasRawNetwork("Name:\tnode\nCapEff:\t0000000000002000\n"));
  t.true(hasRawNetwork("CapEff:\t000001ffffffffff\n"));
  t.false(hasRawNetwork("CapEff:\t0000000000001000\n"));
  t.false(hasRawNetwork(""));
});
