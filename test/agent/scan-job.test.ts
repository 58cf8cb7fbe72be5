import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { ScanJob } from "../../src/agent/scan-jobs/scan-job.ts";
import type { ShardOutcome } from "../../src/agent/scan-jobs/shard-runner.ts";
import { diskFiles } from "../../src/agent/spool/files.ts";
import { JobFolder } from "../../src/agent/spool/job-folder.ts";
import { PartCipher } from "../../src/agent/spool/part-cipher.ts";
import { expandTargets } from "../../src/base/addresses/scan-targets.ts";
import { systemRandom } from "../../src/base/random.ts";
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
  ports: ports ? [{ protocol: "tcp", number: 22, state: "open", reason: "syn-ack" }] : [],
});

function look({ phase, targets }: PlannedShard): ShardOutcome {
  const hosts = [...expandTargets(targets, [])]
    .filter(isUp)
    .map((address) => host(address, phase === "services"));
  return { accepted: true, reason: "", hosts, engineVersion: "7.95" };
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
  run: (planned: PlannedShard, signal: AbortSignal) => Promise<ShardOutcome>,
  exclusions: readonly string[] = [],
) {
  return new ScanJob(folder, {
    engines,
    clock: new FakeClock(),
    device: null,
    exclusions,
    progress: () => undefined,
    partsWritten: () => undefined,
    shards: {
      run: (_job, planned, _surroundings, signal) => run(planned, signal),
      dropOutdated: async () => undefined,
    },
  });
}

async function uploaded(folder: JobFolder): Promise<string[]> {
  const addresses: string[] = [];
  const parts = folder.parts.waiting();
  // Shards end at the same time, and still each part has a number of its own.
  if (parts.some(({ number }, index) => number !== index))
    throw new Error(`numbers ${parts.map(({ number }) => number).join(", ")}`);
  for (const part of parts) {
    const content = await folder.parts.read(part);
    const read = validators.ResultPart(
      JSON.parse(Buffer.from(content?.content ?? []).toString("utf8")),
    );
    if (read.valid)
      addresses.push(...read.value.hosts.map(({ address, ports }) => `${address} ${ports.length}`));
  }
  return addresses.sort();
}

const everyHost = [...expandTargets(job.scan.targets, [])]
  .filter(isUp)
  .map((address) => `${address} 1`)
  .sort();
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

test("a shard that failed leaves its hosts in the result, marked, and the job incomplete", async (t) => {
  const { folder } = await folderFor(t);
  await scanJob(folder, async (planned) => {
    const outcome = look(planned);
    const isFirst = planned.phase === "services" && planned.targets.includes("192.0.2.0");
    return isFirst
      ? {
          ...outcome,
          accepted: false,
          reason: "its XML is cut off",
          hosts: outcome.hosts.slice(0, 3),
        }
      : outcome;
  }).run(never);
  const addresses = await uploaded(folder);
  t.is(addresses.length, everyHost.length);
  t.is(addresses.filter((line) => line.endsWith(" 0")).length, 13);
  const completion = await folder.completion();
  t.is(completion?.state, "incomplete");
  t.like(completion?.problems[0], { code: "scan-engine-failed" });
  t.regex(completion?.problems[0]?.detail ?? "", /XML is cut off/);
});

test("an engine that never works makes the job failed, and targets that are none too", async (t) => {
  const { folder } = await folderFor(t);
  await scanJob(folder, async () => ({
    accepted: false,
    reason: "no nmap",
    hosts: [],
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
            for (let shard = 0; shard < 40; shard++)
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
