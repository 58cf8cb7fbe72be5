import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { appliancePackages } from "../../image/root/system-layer.ts";
import { collectInventory } from "../../src/agent/health/collect-inventory.ts";
import { ScanJob } from "../../src/agent/scan-jobs/scan-job.ts";
import { ShardRunner } from "../../src/agent/scan-jobs/shard-runner.ts";
import { diskFiles } from "../../src/agent/spool/files.ts";
import { JobFolder } from "../../src/agent/spool/job-folder.ts";
import { PartCipher } from "../../src/agent/spool/part-cipher.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import { joinPieces } from "../../src/platform/store/join-pieces.ts";
import type { Job } from "../../src/protocol/schemas/jobs.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import { validators } from "../../src/protocol/validators.ts";
import { type Engine, engineFor, engineNamed } from "../../src/scan/engine.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { processReader } from "../testkit/scan/output-reader.ts";
import { toy } from "../testkit/scan/toy-engine.ts";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const never = new AbortController().signal;

const jobBy = (engine: string): Job => ({
  id: "00000000-0000-4000-8000-000000000014",
  attempt: 1,
  createdAt: 1,
  leaseUntil: 2,
  kind: "scan",
  scan: {
    name: "toy",
    targets: ["192.0.2.0/28"],
    exclusions: ["192.0.2.4"],
    profile: "normal",
    ports: "top-100",
  },
  engine,
});

/** Runs a job as the agent does, with the units of its shards as real processes. */
async function runJob(
  t: ExecutionContext,
  job: Job,
  known: readonly Engine[],
  environment: Record<string, string> = {},
  ports: readonly object[] = [],
) {
  const root = await mkdtemp(join(tmpdir(), "outrider-engine-"));
  const scanFolder = join(root, "data/outrider/scan");
  await mkdir(scanFolder, { recursive: true });
  const machine = join(root, "machine.json");
  const scanTargets = ["192.0.2.2", "192.0.2.3"].map((address) => ({ address, ports }));
  await writeFile(machine, JSON.stringify({ scanTargets }));
  const configd = new FakeConfigd({
    folder: join(root, "units"),
    scanMain: file("../testkit/scan/toy-main.ts"),
    environment: {
      OUTRIDER_ROOT: root,
      OUTRIDER_SIMULATED: "test",
      OUTRIDER_NMAP: file("../../src/simulation/nmap.ts"),
      OUTRIDER_DESCRIBED_MACHINE: machine,
      ...environment,
    },
  });
  t.teardown(async () => {
    configd.stopAll();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  });
  const folder = await JobFolder.create(
    join(root, "job"),
    { receivedAt: 1, job },
    {
      files: diskFiles(),
      cipher: new PartCipher(new Uint8Array(32), systemRandom),
      room: async () => undefined,
    },
  );
  await new ScanJob(folder, {
    log: silentLog,
    nearby: async () => [],
    shards: new ShardRunner({
      configd,
      clock: systemClock,
      log: silentLog,
      scanFolder,
      engines: known,
      reader: processReader("toy-reader-main.ts"),
      readings: folder,
    }),
    engines: known,
    clock: systemClock,
    device: () => null,
    exclusions: [],
    progress: () => undefined,
    partsWritten: () => undefined,
  }).run(never);
  const completion = await folder.completion();
  const written = await readdir(join(scanFolder, job.id)).catch(() => []);
  return {
    completion,
    hosts: await hostsOf(folder),
    outputs: written.filter((name) => /^\d+\.(?:xml|ndjson)$/.test(name)).sort(),
  };
}

/** The hosts as the platform joins them. */
async function hostsOf(folder: JobFolder): Promise<string[]> {
  const hosts = new Map<string, HostObservation>();
  for (const part of folder.parts.waiting()) {
    const content = (await folder.parts.read(part))?.content ?? new Uint8Array();
    const read = validators.ResultPart(JSON.parse(Buffer.from(content).toString("utf8")));
    if (!read.valid) throw new Error("a part that is no part");
    for (const host of read.value.hosts) {
      const known = hosts.get(host.address);
      hosts.set(host.address, known ? joinPieces(known, host) : host);
    }
  }
  return [...hosts.values()]
    .map(
      ({ address, ports, timedOut }) =>
        `${address} ${ports.map(({ number }) => number)}${timedOut ? " unfinished" : ""}`,
    )
    .sort();
}

test("an engine beside nmap runs a whole job: plan, runner, output, verdict, parts and completion", async (t) => {
  t.timeout(120_000);
  const { completion, hosts, outputs } = await runJob(t, jobBy("toy"), [...engines, toy]);
  t.deepEqual(
    hosts,
    [0, 10, 12, 14, 2, 6, 8].map((last) => `192.0.2.${last} 7`),
  );
  t.deepEqual(outputs, ["0.ndjson", "1.ndjson", "2.ndjson", "3.ndjson"]);
  t.like(completion, {
    state: "completed",
    engine: { name: "toy", version: "1.0" },
    addressesScanned: 15,
    hostsUp: 7,
    openPorts: 7,
    problems: [],
  });
});

test("the phases of one job can have different engines", async (t) => {
  t.timeout(120_000);
  const looksAtServices: Engine = { ...toy, phases: ["ports", "services"] };
  const known = [...engines, looksAtServices];
  const { completion, hosts, outputs } = await runJob(t, jobBy("toy"), known);
  // nmap's stand-in finds .2 and .3; the toy answers for even addresses only.
  t.deepEqual(outputs, ["0.xml", "1.ndjson", "2.ndjson"]);
  t.deepEqual(hosts, ["192.0.2.2 7", "192.0.2.3 "]);
  t.like(completion, { state: "completed", hostsUp: 2, engine: { name: "nmap" } });
});

test("a shard that its engine does not believe is tried again, and its hosts end as unfinished", async (t) => {
  t.timeout(120_000);
  const looksAtServices: Engine = { ...toy, phases: ["ports", "services"] };
  const { completion, hosts } = await runJob(t, jobBy("toy"), [...engines, looksAtServices], {
    OUTRIDER_TOY: toy.command,
    OUTRIDER_DESCRIBED_CUT: "1",
  });
  t.deepEqual(hosts, ["192.0.2.2 7 unfinished", "192.0.2.3  unfinished"]);
  t.like(completion, { state: "incomplete" });
  t.deepEqual(completion?.problems, [
    {
      code: "scan-engine-failed",
      detail: "looking for open ports of 192.0.2.2/31: toy tells of 0 addresses, 2 were asked for",
    },
    {
      code: "scan-engine-failed",
      detail: "looking at the services of 192.0.2.2/31: toy tells of 0 addresses, 2 were asked for",
    },
  ]);
});

test("a host that makes its engine's output too large costs its own ports, and its neighbour none", async (t) => {
  t.timeout(240_000);
  const ports = [{ number: 80, service: "http" }];
  const { completion, hosts } = await runJob(
    t,
    { ...jobBy("nmap"), scan: { ...jobBy("nmap").scan, targets: ["192.0.2.2", "192.0.2.3"] } },
    engines,
    { OUTRIDER_NMAP: file("../testkit/scan/hostile-nmap.ts") },
    ports,
  );
  t.deepEqual(
    hosts.filter((text) => text.startsWith("192.0.2.2 ")),
    ["192.0.2.2 80"],
  );
  t.like(completion, { state: "incomplete" });
  t.regex(
    completion?.problems.map(({ detail }) => detail).join("\n") ?? "",
    /^looking for open ports of 192\.0\.2\.3: its output has more than is taken in at once \(262144 ports\)/,
  );
});

test("a host that nobody asked for gets into no result, and the shard that told of it fails", async (t) => {
  t.timeout(240_000);
  const { completion, hosts } = await runJob(
    t,
    { ...jobBy("nmap"), scan: { ...jobBy("nmap").scan, targets: ["192.0.2.2"] } },
    engines,
    { OUTRIDER_NMAP: file("../testkit/scan/lying-nmap.ts") },
    [{ number: 80, service: "http" }],
  );
  t.true(hosts.length > 0);
  t.true(hosts.every((text) => text.startsWith("192.0.2.2 ")));
  t.like(completion, { state: "incomplete" });
  t.regex(
    completion?.problems.map(({ detail }) => detail).join("\n") ?? "",
    /nmap tells of 198\.51\.100\.9, which it was not asked for/,
  );
});

test("a job for an engine that this appliance does not have ends as failed, and starts nothing", async (t) => {
  const { completion, hosts, outputs } = await runJob(t, jobBy("toy"), engines);
  t.deepEqual([hosts, outputs], [[], []]);
  t.like(completion, {
    state: "failed",
    problems: [{ code: "scan-engine-failed", detail: "there is no engine toy" }],
  });
});

test("without a name it is nmap; a phase that the named engine cannot do goes to the first that can", (t) => {
  const known = [...engines, { ...toy, phases: ["ports", "services"] as const }];
  t.is(engineNamed(known).name, "nmap");
  t.is(engineFor(known, "services", undefined).name, "nmap");
  t.is(engineFor(known, "services", "toy").name, "toy");
  t.is(engineFor(known, "discover", "toy").name, "nmap");
  t.throws(() => engineFor(known, "discover", "other"), { code: "scan-engine-failed" });
  t.throws(() => engineFor([], "discover", undefined), { code: "scan-engine-failed" });
});

test("the image has the Debian packages that its engines need", async (t) => {
  const packages = await appliancePackages();
  for (const name of engines.flatMap((engine) => engine.packages)) t.true(packages.includes(name));
  t.is(new Set(packages).size, packages.length);
});

test("the inventory has the version that an engine reports of itself", async (t) => {
  const { engine } = await collectInventory("1.2.3", toy, null);
  t.deepEqual(engine, { name: "toy", version: "1.0" });
});
