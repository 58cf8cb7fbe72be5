import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { ScanJob } from "../../src/agent/scan-jobs/scan-job.ts";
import type { ShardOutcome } from "../../src/agent/scan-jobs/shard-outcome.ts";
import type { ShardRunner, Surroundings } from "../../src/agent/scan-jobs/shard-runner.ts";
import { diskFiles } from "../../src/agent/spool/files.ts";
import { JobFolder } from "../../src/agent/spool/job-folder.ts";
import { PartCipher } from "../../src/agent/spool/part-cipher.ts";
import type { LeftOut } from "../../src/agent/spool/schemas.ts";
import { expandTargets } from "../../src/base/addresses/scan-targets.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { systemRandom } from "../../src/base/random.ts";
import { joinPieces } from "../../src/platform/store/join-pieces.ts";
import type { Job } from "../../src/protocol/schemas/jobs.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import { validators } from "../../src/protocol/validators.ts";
import type { PlannedShard } from "../../src/scan/engine.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { FakeClock } from "../testkit/clock.ts";

const job: Job = {
  id: "00000000-0000-4000-8000-000000000004",
  attempt: 1,
  createdAt: 1,
  leaseUntil: 2,
  kind: "scan",
  scan: {
    name: "x",
    targets: ["192.0.2.0/24", "198.51.100.0/24"],
    exclusions: [],
    profile: "normal",
    ports: "top-100",
  },
};
/** Every fifth address is up, with one open port. */
const isUp = (address: string) => Number(address.split(".")[3]) % 5 === 0;
const host = (address: string, ports: boolean): HostObservation => ({
  address,
  hostnames: [],
  reason: "arp-response",
  timedOut: false,
  ports: ports ? [openPort(22)] : [],
});
const openPort = (number: number) =>
  ({ protocol: "tcp", number, state: "open", reason: "syn-ack" }) as const;

const outcome: ShardOutcome = {
  accepted: true,
  reason: "",
  tooMuch: false,
  ended: true,
  hosts: [],
  engineVersion: "7.95",
};

function look({ phase, targets }: PlannedShard): ShardOutcome {
  const hosts = [...expandTargets(targets, [])]
    .filter(isUp)
    .map((address) => host(address, phase !== "discover"));
  return { ...outcome, hosts };
}

const forFolders = {
  files: diskFiles(),
  cipher: new PartCipher(new Uint8Array(32), systemRandom),
  room: async () => undefined,
};

async function folderFor(t: ExecutionContext | null) {
  const path = await mkdtemp(join(tmpdir(), "outrider-job-"));
  t?.teardown(() => rm(path, { recursive: true, force: true }));
  return {
    path,
    folder: await JobFolder.create(join(path, "job"), { receivedAt: 1, job }, forFolders),
  };
}

function scanJob(
  folder: JobFolder,
  run: (
    planned: PlannedShard,
    signal: AbortSignal,
    surroundings: Surroundings,
  ) => Promise<ShardOutcome>,
  exclusions: readonly string[] = [],
  leftovers: ShardRunner["leftovers"] = async () => null,
  device: () => string | null = () => null,
  nearby: readonly LeftOut[] = [],
) {
  return new ScanJob(folder, {
    nearby: async () => nearby,
    engines,
    clock: new FakeClock(),
    log: silentLog,
    device,
    exclusions,
    progress: () => undefined,
    partsWritten: () => undefined,
    shards: {
      run: (_job, planned, surroundings, signal) => run(planned, signal, surroundings),
      dropOutdated: async () => undefined,
      leftovers,
    },
  });
}

/** The hosts as the platform joins them out of the parts: address and number of ports. */
async function uploaded(folder: JobFolder): Promise<string[]> {
  return (await uploadedHosts(folder)).map(({ address, ports }) => `${address} ${ports.length}`);
}

async function uploadedHosts(folder: JobFolder): Promise<HostObservation[]> {
  const hosts = new Map<string, HostObservation>();
  const parts = folder.parts.waiting();
  // Shards end at the same time, and still each part has a number of its own.
  if (parts.some(({ number }, index) => number !== index))
    throw new Error(`numbers ${parts.map(({ number }) => number).join(", ")}`);
  for (const part of parts) {
    const content = await folder.parts.read(part);
    const read = validators.ResultPart(
      JSON.parse(Buffer.from(content?.content ?? []).toString("utf8")),
    );
    if (!read.valid) throw new Error("a part that is no part");
    for (const piece of read.value.hosts) {
      const known = hosts.get(piece.address);
      hosts.set(piece.address, known ? joinPieces(known, piece) : piece);
    }
  }
  return [...hosts.values()].sort((a, b) => a.address.localeCompare(b.address));
}

const everyHost = [...expandTargets(job.scan.targets, [])]
  .filter(isUp)
  .sort((a, b) => a.localeCompare(b))
  .map((address) => `${address} 1`);
const never = new AbortController().signal;

test("a job looks for hosts, then at their ports, and counts what it found", async (t) => {
  const { folder } = await folderFor(t);
  const seen: number[] = [];
  const running = new Set<number>();
  let most = 0;
  await scanJob(folder, async (planned) => {
    seen.push(planned.shard);
    running.add(planned.shard);
    most = Math.max(most, running.size);
    await new Promise((resolve) => setImmediate(resolve));
    running.delete(planned.shard);
    return look(planned);
  }).run(never);
  t.is(new Set(seen).size, seen.length);
  t.is(most, 2, "as many at once as the profile allows");
  t.deepEqual(await uploaded(folder), everyHost);
  t.like(await folder.completion(), {
    state: "completed",
    addressesScanned: 512,
    hostsUp: 104,
    openPorts: 104,
    engine: { name: "nmap", version: "7.95" },
  });
});

test("what the appliance's own settings exclude is never given to the engine, whatever the platform asks for", async (t) => {
  const { folder } = await folderFor(t);
  const given: string[] = [];
  const run = async (planned: PlannedShard) => {
    given.push(...expandTargets(planned.targets, []));
    return look(planned);
  };
  await scanJob(folder, run, ["192.0.2.0-192.0.2.9", "198.51.100.0/24"]).run(never);
  t.true(given.includes("192.0.2.10"));
  t.deepEqual(
    given.filter((address) => address.startsWith("198.51.100.") || /^192\.0\.2\.\d$/.test(address)),
    [],
  );
  t.like(await folder.completion(), { state: "completed", addressesScanned: 246 });
});

test("addresses near the appliance are not given to the engine and named in the result, also after a restart elsewhere", async (t) => {
  const { folder } = await folderFor(t);
  const given: string[] = [];
  const run = async (planned: PlannedShard) => {
    given.push(...expandTargets(planned.targets, []));
    if (planned.phase === "ports") throw new Error("cut off");
    return look(planned);
  };
  const nearby: LeftOut[] = [
    { address: "192.0.2.10", role: "own" },
    { address: "192.0.2.0", role: "broadcast" },
    { address: "192.0.2.5", role: "gateway" },
  ];
  const job = scanJob(folder, run, [], undefined, undefined, nearby);
  await t.throwsAsync(job.run(never), { message: "cut off" });
  // The appliance has other addresses now; what was planned stays.
  await scanJob(folder, async (planned) => look(planned), [], undefined, undefined, [
    { address: "192.0.2.15", role: "own" },
  ]).run(never);
  t.deepEqual(
    given.filter((address) => nearby.some((one) => one.address === address)),
    [],
  );
  t.like(await folder.completion(), {
    state: "completed",
    addressesScanned: 509,
    hostsUp: 101,
    problems: [
      {
        code: "scan-left-out",
        detail:
          "192.0.2.10 is this appliance; 192.0.2.0 is no host's: it means all of a network; 192.0.2.5 is a gateway",
      },
    ],
  });
});

for (const stop of [0, 1, 2, 3])
  test(`addresses that one card answers for count when they answer themselves, also after ${stop} shards and a restart`, async (t) => {
    const { folder } = await folderFor(t);
    let ran = 0;
    const run = async (planned: PlannedShard) => {
      if (stop > 0 && ran++ === stop) throw new Error("cut off");
      const looked = look(planned);
      if (planned.phase !== "discover") return looked;
      const there = (address: string) => planned.confirms === undefined || address.endsWith(".25");
      const hosts = looked.hosts.filter(({ address }) => there(address));
      return { ...looked, hosts: hosts.map((each) => withCard(each)) };
    };
    /** One card answers for all of 192.0.2.0/24. */
    const withCard = (each: HostObservation) =>
      each.address.startsWith("192.0.2.") ? { ...each, macAddress: "52:54:00:00:00:01" } : each;
    const job = () => scanJob(folder, run);
    if (stop > 0) await t.throwsAsync(job().run(never), { message: "cut off" });
    ran = -1000;
    await job().run(never);
    const hosts = everyHost.filter(
      (each) => !each.startsWith("192.0.2.") || each.startsWith("192.0.2.25 "),
    );
    t.deepEqual(await uploaded(folder), hosts);
    t.like(await folder.completion(), {
      state: "completed",
      addressesScanned: 512,
      hostsUp: hosts.length,
    });
    const [note] = (await folder.completion())?.problems ?? [];
    t.is(note?.code, "scan-proxy-arp");
    t.regex(
      note?.detail ?? "",
      /^52:54:00:00:00:01 answers for 51 addresses that do not answer themselves: 192\.0\.2\.0, .*, \.\.\.$/,
    );
  });

test("a scan of nothing but the appliance itself ends at once and says so", async (t) => {
  const { path } = await folderFor(t);
  const folder = await JobFolder.create(
    join(path, "own"),
    { receivedAt: 1, job: { ...job, scan: { ...job.scan, targets: ["192.0.2.10"] } } },
    forFolders,
  );
  await scanJob(folder, async (planned) => look(planned), [], undefined, undefined, [
    { address: "192.0.2.10", role: "own" },
  ]).run(never);
  t.like(await folder.completion(), {
    addressesScanned: 0,
    problems: [{ code: "scan-left-out", detail: "192.0.2.10 is this appliance" }],
  });
});

test("a shard that failed leaves its hosts in the result, marked, and the job incomplete", async (t) => {
  const { folder } = await folderFor(t);
  await scanJob(folder, async (planned) => {
    const looked = look(planned);
    const isFirst = planned.phase === "ports" && planned.targets.includes("192.0.2.0");
    return isFirst
      ? {
          ...looked,
          accepted: false,
          reason: "its XML is cut off",
          hosts: looked.hosts.slice(0, 3),
        }
      : looked;
  }).run(never);
  const addresses = await uploaded(folder);
  t.is(addresses.length, everyHost.length);
  t.is(addresses.filter((line) => line.endsWith(" 0")).length, 13);
  const completion = await folder.completion();
  t.is(completion?.state, "incomplete");
  t.like(completion?.problems[0], { code: "scan-engine-failed" });
  t.regex(completion?.problems[0]?.detail ?? "", /XML is cut off/);
});

const outage = { card: "eth0", kind: "no-link" as const, from: 1000, to: 21_000 };

test("what was scanned again after its card was away makes no job incomplete, and is told", async (t) => {
  const { folder } = await folderFor(t);
  await scanJob(folder, async (planned) => ({
    ...look(planned),
    ...(planned.phase === "discover" && { outages: [outage] }),
  })).run(never);
  t.deepEqual(await uploaded(folder), everyHost);
  const completion = await folder.completion();
  t.like(completion, { state: "completed", addressesScanned: 512 });
  t.deepEqual(completion?.problems, [
    {
      code: "scan-card-down",
      detail:
        "192.0.2.0/24 and 1 more were scanned again, because eth0 had no link from 1970-01-01 00:00:01 UTC to 1970-01-01 00:00:21 UTC (20 s)",
    },
  ]);
});

test("what was not scanned because its card did not come back is named, and the rest waits less", async (t) => {
  const { folder } = await folderFor(t);
  const waits: (number | undefined)[] = [];
  await scanJob(folder, async (planned, _signal, { cardWaitSeconds }) => {
    if (planned.phase === "ports") waits.push(cardWaitSeconds);
    const gone = planned.phase === "ports" && waits.length === 1;
    if (!gone) return look(planned);
    return {
      ...outcome,
      accepted: false,
      reason: "eth0 had no link",
      engineVersion: "",
      outages: [outage],
      cardGone: true,
    };
  }).run(never);
  const completion = await folder.completion();
  t.is(completion?.state, "incomplete");
  t.deepEqual(
    completion?.problems.map(({ code }) => code),
    ["scan-card-down"],
  );
  t.regex(completion?.problems[0]?.detail ?? "", / 192\.0\.2\..* and \d+ more: eth0 had no link$/);
  t.is(waits[0], 1800);
  t.true(waits.slice(2).every((seconds) => (seconds ?? 0) < 60));
});

test("a job without a card to scan by begins when there is one", async (t) => {
  const { folder } = await folderFor(t);
  let device: string | null = null;
  const seen: (string | null)[] = [];
  const job = scanJob(
    folder,
    async (planned, _signal, surroundings) => {
      seen.push(surroundings.device);
      return look(planned);
    },
    [],
    undefined,
    () => {
      if (device === null) throw new OutriderError("scan-card-down");
      return device;
    },
  );
  await t.throwsAsync(job.run(never), { message: /card/ });
  t.is(await folder.completion(), null);
  device = "eth0";
  await job.run(never);
  t.true(seen.length > 0 && seen.every((each) => each === "eth0"));
  t.like(await folder.completion(), { state: "completed" });
});

test("an engine that never works makes the job failed, and targets that are none too", async (t) => {
  const { folder } = await folderFor(t);
  await scanJob(folder, async () => ({
    ...outcome,
    accepted: false,
    reason: "no nmap",
    engineVersion: "",
  })).run(never);
  t.like(await folder.completion(), { state: "failed", hostsUp: 0 });
  const path = await mkdtemp(join(tmpdir(), "outrider-job-"));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  const wrong = await JobFolder.create(
    join(path, "job"),
    { receivedAt: 1, job: { ...job, scan: { ...job.scan, targets: ["nowhere"] } } },
    forFolders,
  );
  await scanJob(wrong, async (planned) => look(planned)).run(never);
  t.like(await wrong.completion(), {
    state: "failed",
    problems: [{ code: "scan-targets-invalid" }],
  });
});

test("a shard that does not get to its end is divided, down to the host that is to blame, and nothing else is lost", async (t) => {
  const { folder } = await folderFor(t);
  const ran: string[] = [];
  const run = async (planned: PlannedShard) => {
    ran.push(`${planned.phase} ${planned.targets.length}`);
    const stuck = planned.phase === "ports" && planned.targets.includes("192.0.2.5");
    return stuck
      ? { ...look(planned), accepted: false, tooMuch: true, reason: "too long", hosts: [] }
      : look(planned);
  };
  await scanJob(folder, run).run(never);
  t.deepEqual(
    (await uploadedHosts(folder)).filter(({ timedOut }) => timedOut).map(({ address }) => address),
    ["192.0.2.5"],
  );
  t.deepEqual(
    (await uploaded(folder)).filter((line) => !line.startsWith("192.0.2.5 ")),
    everyHost.filter((line) => !line.startsWith("192.0.2.5 ")),
  );
  t.is(ran.filter((line) => line === "ports 1").length, 16, "one by one");
  const completion = await folder.completion();
  t.like(completion, { state: "incomplete", hostsUp: 104, openPorts: 103 });
  t.is(completion?.problems.length, 1);
  t.regex(completion?.problems[0]?.detail ?? "", /open ports of 192\.0\.2\.5: too long/);
});

test("what the engine had found of a shard that it could not end is kept", async (t) => {
  const { folder } = await folderFor(t);
  const run = async (planned: PlannedShard) =>
    planned.phase === "ports" && planned.targets.includes("192.0.2.5")
      ? { ...look(planned), accepted: false, tooMuch: true }
      : look(planned);
  await scanJob(folder, run).run(never);
  t.deepEqual(await uploaded(folder), everyHost);
  t.like(await folder.completion(), { state: "incomplete", openPorts: 104 });
});

test("a host that accepts on every port is named, its services are not asked, and its neighbours' are", async (t) => {
  const { folder } = await folderFor(t);
  const asked: string[] = [];
  const run = async (planned: PlannedShard) => {
    if (planned.phase === "services") asked.push(...planned.targets);
    const looked = look(planned);
    return {
      ...looked,
      hosts: looked.hosts.map((each) =>
        each.address === "192.0.2.10" && planned.phase === "ports"
          ? { ...each, ports: Array.from({ length: 300 }, (_, index) => openPort(index + 1)) }
          : each,
      ),
    };
  };
  await scanJob(folder, run).run(never);
  t.false(asked.includes("192.0.2.10"));
  t.is(asked.length, 103);
  t.like(await folder.completion(), {
    state: "completed",
    openPorts: 103 + 300,
    problems: [{ code: "scan-accepts-all", detail: "192.0.2.10" }],
  });
});

test("a stopped scan keeps the hosts of its discovery and what its running shards had found", async (t) => {
  const { folder } = await folderFor(t);
  const stop = new AbortController();
  const run = async (planned: PlannedShard, signal: AbortSignal) => {
    if (planned.phase === "ports") stop.abort(new Error("stopped"));
    signal.throwIfAborted();
    return look(planned);
  };
  const leftovers: ShardRunner["leftovers"] = async (_job, planned) =>
    planned.phase === "ports" && planned.targets.includes("192.0.2.0")
      ? { ...look(planned), accepted: false, hosts: look(planned).hosts.slice(0, 2) }
      : null;
  await t.throwsAsync(scanJob(folder, run, [], leftovers).run(stop.signal));
  await scanJob(folder, run, [], leftovers).stop();
  const hosts = await uploadedHosts(folder);
  t.is(hosts.length, 104);
  t.deepEqual(
    hosts.filter(({ ports }) => ports.length > 0).map(({ address }) => address),
    ["192.0.2.0", "192.0.2.5"],
  );
  t.true(hosts.every(({ reason }) => reason === "arp-response"));
  t.like(await folder.completion(), { state: "stopped", hostsUp: 104, openPorts: 2 });
});

test("a job of a version without a phase of its own for ports goes on, with numbers of its own", async (t) => {
  const { folder } = await folderFor(t);
  const targets = ["192.0.2.0"];
  await folder.writePlan({
    startedAt: 1,
    addresses: 512,
    shards: [{ shard: 0, phase: "discover", targets: job.scan.targets, addresses: 512 }],
  });
  await folder.writeShardsOf("services", {
    shards: [{ shard: 1, phase: "services", targets, addresses: 1 }],
  });
  const seen: number[] = [];
  await scanJob(folder, async (planned) => {
    seen.push(planned.shard);
    return look(planned);
  }).run(never);
  t.false(seen.includes(1));
  t.deepEqual(await uploaded(folder), everyHost);
});

test("interrupted at any points and run again, the result is as if nothing had happened", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }),
      async (interruptions) => {
        const { path, folder } = await folderFor(null);
        try {
          const settled = new Set<number>();
          for (const after of [...interruptions, Number.POSITIVE_INFINITY]) {
            const stop = new AbortController();
            let count = 0;
            // A new life of the agent knows only what lies in the folder.
            const reopened = await JobFolder.open(folder.path, forFolders);
            if (!reopened) return t.fail();
            await scanJob(reopened, async (planned, signal) => {
              t.false(
                settled.has(planned.shard),
                "a shard whose record was safe is never run again",
              );
              if (++count >= after) stop.abort(new Error("killed"));
              await new Promise((resolve) => setImmediate(resolve));
              signal.throwIfAborted();
              return look(planned);
            })
              .run(stop.signal)
              .catch(() => undefined);
            for (let shard = 0; shard < 80; shard++)
              if (await reopened.shard(shard)) settled.add(shard);
          }
          const last = await JobFolder.open(folder.path, forFolders);
          t.deepEqual(last && (await uploaded(last)), everyHost);
          t.like(await folder.completion(), { state: "completed", hostsUp: 104, openPorts: 104 });
        } finally {
          await rm(path, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 8 },
  );
});
