import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ShardRunner } from "../../src/agent/scan-jobs/shard-runner.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ConfigdClient, VerbName, VerbReply, VerbRequest } from "../../src/configd/api/api.ts";
import type { ScanWait } from "../../src/configd/api/status.ts";
import type { Job } from "../../src/protocol/schemas/jobs.ts";
import type { PlannedShard } from "../../src/scan/engine.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { shardFiles } from "../../src/scan/files.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { shardPlan } from "../../src/scan/plan.ts";
import type { ShardDone } from "../../src/scan/schemas.ts";
import { validators } from "../../src/scan/validators.ts";
import { processReader } from "../testkit/scan/output-reader.ts";

const job: Job = {
  id: "00000000-0000-4000-8000-000000000003",
  attempt: 2,
  createdAt: 1,
  leaseUntil: 2,
  kind: "scan",
  scan: {
    name: "x",
    targets: ["192.0.2.0/30"],
    exclusions: [],
    profile: "normal",
    ports: "top-100",
  },
};
const planned: PlannedShard = {
  shard: 0,
  phase: "discover",
  targets: ["192.0.2.0/30"],
  addresses: 4,
};
const surroundings = { device: null, sharing: 1 };
const never = new AbortController().signal;

const xml = (address: string, up = 1) =>
  `<nmaprun version="7"><host><status state="up" reason="x"/><address addr="${address}" addrtype="ipv4"/></host><runstats><finished exit="success"/><hosts up="${up}" down="3" total="4"/></runstats></nmaprun>`;

/** A configd whose units behave as `behave` does. */
class Units implements ConfigdClient {
  readonly started: number[] = [];
  running: number[] = [];
  stopped = 0;
  unreachable = 0;
  behave: (tryNumber: number) => Promise<void> = async () => undefined;
  readonly #files;

  constructor(scanFolder: string) {
    this.#files = shardFiles(join(scanFolder, job.id), planned.shard, nmap);
  }

  async call<Name extends VerbName>(
    name: Name,
    _request: VerbRequest<Name>,
  ): Promise<VerbReply<Name>> {
    if (this.unreachable-- > 0) throw new OutriderError("configd-unreachable");
    return (await this.#answer(name)) as VerbReply<Name>;
  }

  async #answer(name: VerbName): Promise<unknown> {
    if (name === "shards") return { running: this.running, failed: [] };
    if (name !== "stopJob") return this.#start();
    this.stopped++;
    this.running = [];
    return {};
  }

  async #start() {
    const plan = validators.ShardPlan(JSON.parse(await readFile(this.#files.plan, "utf8")));
    if (!plan.valid) throw new OutriderError("request-invalid");
    this.started.push(plan.value.tryNumber);
    await this.behave(plan.value.tryNumber);
    return {};
  }

  async end(
    tryNumber: number,
    text: string,
    exitCode: number | null = 0,
    more: Partial<ShardDone> = {},
  ): Promise<void> {
    await writeFile(this.#files.output, text);
    const done: ShardDone = {
      version: 1,
      attempt: job.attempt,
      tryNumber,
      exitCode,
      signal: null,
      startedAt: 1,
      endedAt: 2,
      errorTail: "",
      ...more,
    };
    await writeFile(this.#files.done, JSON.stringify(done));
  }
}

async function setUp(t: ExecutionContext, reader = processReader()) {
  const begun = { count: 0 };
  const scanFolder = await mkdtemp(join(tmpdir(), "outrider-shards-"));
  t.teardown(() => rm(scanFolder, { recursive: true, force: true }));
  const units = new Units(scanFolder);
  const waits: (ScanWait | null)[] = [];
  const runner = new ShardRunner({
    configd: units,
    clock: systemClock,
    log: silentLog,
    scanFolder,
    engines,
    reader,
    readings: { beginReading: async () => begun.count },
    waits: (shard, wait) => {
      if (shard === planned.shard) waits.push(wait);
    },
  });
  const leavePlan = async (tryNumber: number, attempt = job.attempt) => {
    await mkdir(join(scanFolder, job.id), { recursive: true });
    const plan = shardPlan(nmap, planned, {
      jobId: job.id,
      attempt,
      tryNumber,
      scan: job.scan,
      ...surroundings,
    });
    await writeFile(shardFiles(join(scanFolder, job.id), 0, nmap).plan, JSON.stringify(plan));
  };
  const files = shardFiles(join(scanFolder, job.id), planned.shard, nmap);
  const excluding = (...exclusions: string[]): Job => ({
    ...job,
    scan: { ...job.scan, exclusions },
  });
  const run = async (given = job, device: string | null = null) => {
    await runner.dropOutdated(given, device, never);
    return runner.run(given, planned, { ...surroundings, device }, never);
  };
  const leftovers = () => runner.leftovers(job, planned);
  return { units, files, waits, begun, leavePlan, excluding, run, leftovers };
}

test("a shard is started once and its hosts are read when it ends", async (t) => {
  const { units, run } = await setUp(t);
  units.behave = async (tryNumber) => {
    units.running = [0];
    setImmediate(
      () => void units.end(tryNumber, xml("192.0.2.1")).then(() => (units.running = [])),
    );
  };
  const outcome = await run();
  t.like(outcome, { accepted: true, engineVersion: "7" });
  t.deepEqual(
    outcome.hosts.map(({ address }) => address),
    ["192.0.2.1"],
  );
  t.deepEqual(units.started, [1]);
});

test("a shard that fails is tried once more, then reported", async (t) => {
  const { units, run } = await setUp(t);
  units.behave = (tryNumber) => units.end(tryNumber, xml("192.0.2.1", 9));
  const outcome = await run();
  t.false(outcome.accepted);
  t.regex(outcome.reason, /12 addresses, 4 were asked/);
  t.deepEqual(units.started, [1, 2]);
});

test("a second try waits until the unit of the first has ended", async (t) => {
  const { units, run } = await setUp(t);
  units.behave = async (tryNumber) => {
    if (units.running.length > 0) return;
    await units.end(tryNumber, xml("192.0.2.1", tryNumber === 1 ? 9 : 1));
    if (tryNumber > 1) return;
    units.running = [0];
    setTimeout(() => (units.running = []), 300);
  };
  const { accepted, reason } = await run();
  t.true(accepted, reason);
});

test("a unit that is gone without a done file counts as a failed try", async (t) => {
  const { units, run } = await setUp(t);
  units.behave = async (tryNumber) => {
    if (tryNumber === 2) await units.end(2, xml("192.0.2.2"));
  };
  t.true((await run()).accepted);
  t.deepEqual(units.started, [1, 2]);
});

test("a shard that an earlier process of the agent started is awaited, not started again", async (t) => {
  const { units, leavePlan, run } = await setUp(t);
  await leavePlan(1);
  units.running = [0];
  const outcome = run();
  setTimeout(() => void units.end(1, xml("192.0.2.3")), 50);
  t.true((await outcome).accepted);
  t.deepEqual(units.started, []);
});

test("a shard that ended while no agent ran is read; one that neither runs nor ended is started again as the same try", async (t) => {
  const ended = await setUp(t);
  await ended.leavePlan(2);
  await ended.units.end(2, xml("192.0.2.3"));
  t.true((await ended.run()).accepted);
  t.deepEqual(ended.units.started, []);
  const lost = await setUp(t);
  await lost.leavePlan(1);
  lost.units.behave = (tryNumber) => lost.units.end(tryNumber, xml("192.0.2.3"));
  t.true((await lost.run()).accepted);
  t.deepEqual(lost.units.started, [1]);
});

test("the files of another attempt are not taken for this one's", async (t) => {
  const { units, leavePlan, run } = await setUp(t);
  await leavePlan(1, 1);
  await units.end(1, xml("192.0.2.250"));
  units.behave = (tryNumber) => units.end(tryNumber, xml("192.0.2.1"));
  t.deepEqual(
    (await run()).hosts.map(({ address }) => address),
    ["192.0.2.1"],
  );
  t.deepEqual(units.started, [1]);
});

test("a shard that was planned before exclusions were added is stopped and planned again, also when it has ended", async (t) => {
  const running = await setUp(t);
  await running.leavePlan(1);
  running.units.running = [0];
  running.units.behave = (tryNumber) => running.units.end(tryNumber, xml("192.0.2.1", 0));
  // Three of the four addresses are left.
  t.true((await running.run(running.excluding("192.0.2.2"))).accepted);
  t.is(running.units.stopped, 1);
  t.deepEqual(running.units.started, [1]);
  t.like(JSON.parse(await readFile(running.files.plan, "utf8")), { exclusions: ["192.0.2.2"] });

  const ended = await setUp(t);
  await ended.leavePlan(1);
  await ended.units.end(1, xml("192.0.2.2"));
  ended.units.behave = (tryNumber) => ended.units.end(tryNumber, xml("192.0.2.1", 0));
  const { hosts } = await ended.run(ended.excluding("192.0.2.2"));
  t.deepEqual(
    hosts.map(({ address }) => address),
    ["192.0.2.1"],
  );
});

test("a shard that was planned for another card is stopped and planned again", async (t) => {
  const { units, files, leavePlan, run } = await setUp(t);
  await leavePlan(1);
  units.running = [0];
  units.behave = (tryNumber) => units.end(tryNumber, xml("192.0.2.1"));
  t.true((await run(job, "eth1")).accepted);
  t.is(units.stopped, 1);
  t.like(JSON.parse(await readFile(files.plan, "utf8")), { device: "eth1" });
});

test("a card that did not come back is no failed try, and what the engine wrote does not count", async (t) => {
  const { units, run } = await setUp(t);
  const outage = { card: "eth0", kind: "no-link" as const, from: 0, to: 127_000 };
  units.behave = (tryNumber) =>
    units.end(tryNumber, xml("192.0.2.1"), null, { outages: [outage], gaveUp: true });
  const outcome = await run(job, "eth0");
  t.like(outcome, { accepted: false, hosts: [], cardGone: true, outages: [outage] });
  t.is(
    outcome.reason,
    "eth0 had no link from 1970-01-01 00:00:00 UTC to 1970-01-01 00:02:07 UTC (127 s)",
  );
  t.deepEqual(units.started, [1]);

  const again = await setUp(t);
  again.units.behave = (tryNumber) =>
    again.units.end(tryNumber, xml("192.0.2.1"), 0, { outages: [outage] });
  t.like(await again.run(job, "eth0"), { accepted: true, outages: [outage] });
});

test("fewer exclusions than a shard was planned with leave it running; a shard that is excluded wholly is not started", async (t) => {
  const { units, files, excluding, run } = await setUp(t);
  units.behave = (tryNumber) => units.end(tryNumber, xml("192.0.2.1", 0));
  t.true((await run(excluding("192.0.2.2"))).accepted);
  await rm(files.done);
  units.running = [0];
  const outcome = run(job);
  setTimeout(() => void units.end(1, xml("192.0.2.1", 0)), 50);
  t.true((await outcome).accepted);
  t.deepEqual([units.stopped, units.started], [0, [1]]);
  t.like(await run(excluding("192.0.0.0/16")), { accepted: true, reason: "", hosts: [] });
  t.deepEqual(units.started, [1]);
});

test("a configd that is being restarted costs time and nothing else", async (t) => {
  const { units, run } = await setUp(t);
  units.unreachable = 1;
  units.behave = (tryNumber) => units.end(tryNumber, xml("192.0.2.1"));
  t.true((await run()).accepted);
  t.deepEqual(units.started, [1]);
});

test("what an engine had found before it was ended is in the outcome, and it is not tried again as it is", async (t) => {
  const { units, files, run, leftovers } = await setUp(t);
  const whole = xml("192.0.2.1");
  units.behave = async (tryNumber) => {
    await writeFile(
      files.progress,
      "Discovered open port 22/tcp on 192.0.2.1\nDiscovered open port 80/tcp on 192.0.2.2\nDiscovered",
    );
    await units.end(tryNumber, whole.slice(0, whole.indexOf("<runstats")), null);
  };
  const outcome = await run();
  t.like(outcome, { accepted: false, tooMuch: true, ended: true });
  t.deepEqual(units.started, [1]);
  const found = [
    ["192.0.2.1", 0],
    ["192.0.2.2", 1],
  ];
  t.deepEqual(
    outcome.hosts.map(({ address, ports }) => [address, ports.length]),
    found,
  );
  // The same of a shard that runs while the scan is stopped.
  await rm(files.done);
  t.deepEqual(
    (await leftovers())?.hosts.map(({ address, ports }) => [address, ports.length]),
    found,
  );
  await rm(files.plan);
  t.is(await leftovers(), null);
});

test("pipes, links and huge files that an engine gone wrong leaves cost its own shard only", async (t) => {
  t.timeout(120_000);
  const secret = join(await mkdtemp(join(tmpdir(), "outrider-secret-")), "key");
  t.teardown(() => rm(join(secret, ".."), { recursive: true }));
  await writeFile(secret, xml("192.0.2.1"));
  const traps: ((path: string) => Promise<unknown>)[] = [
    async (path) => execFileSync("mkfifo", [path]),
    (path) => symlink(secret, path),
    (path) => writeFile(path, Buffer.alloc(2 ** 21, 0x20)),
  ];
  for (const file of ["output", "done"] as const) {
    for (const trap of traps) {
      const { units, files, run } = await setUp(t);
      units.behave = async (tryNumber) => {
        await units.end(tryNumber, xml("192.0.2.1"));
        await rm(files[file]);
        await trap(files[file]);
      };
      const outcome = await run();
      t.false(outcome.accepted);
      // What does not get to its end would not the second time either: its shard is divided.
      t.is(outcome.tooMuch, true);
      t.deepEqual(units.started, file === "output" ? [1] : [1, 2]);
      if (file === "output") t.deepEqual(outcome.hosts, []);
    }
  }
});

const wait = { card: "eth0", kind: "no-link", from: 1000, until: 1_801_000 } as const;

test("that a shard waits for its card is told once, and again when it has ended", async (t) => {
  const { units, files, waits, run } = await setUp(t);
  units.behave = async (tryNumber) => {
    units.running = [0];
    const note = { version: 1, attempt: job.attempt, tryNumber, ...wait };
    await writeFile(files.waiting, JSON.stringify(note));
    void untilTold(waits, 1).then(async () => {
      // Another file changes: the wait is the same.
      await writeFile(files.progress, "x");
      await units.end(tryNumber, xml("192.0.2.1"));
      units.running = [];
    });
  };
  t.true((await run()).accepted);
  t.deepEqual(waits, [wait, null]);
});

test("the note of another try, a torn one and a link to another file tell of no wait", async (t) => {
  for (const leave of [
    (path: string) =>
      writeFile(path, JSON.stringify({ version: 1, attempt: 1, tryNumber: 1, ...wait })),
    (path: string) => writeFile(path, '{"version": 1, "att'),
    (path: string) => symlink("/etc/passwd", path),
  ]) {
    const { units, files, waits, run } = await setUp(t);
    units.behave = async (tryNumber) => {
      units.running = [0];
      await leave(files.waiting);
      setImmediate(
        () => void units.end(tryNumber, xml("192.0.2.1")).then(() => (units.running = [])),
      );
    };
    t.true((await run()).accepted);
    t.deepEqual(waits, []);
  }
});

async function untilTold(waits: readonly unknown[], count: number): Promise<void> {
  while (waits.length < count) await new Promise((resolve) => setImmediate(resolve));
}
