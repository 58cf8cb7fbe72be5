import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { engines } from "../../src/scan/engines/engines.ts";
import { planFile } from "../../src/scan/files.ts";
import type { CardState } from "../../src/scan/run/card.ts";
import { runShard } from "../../src/scan/run/runner.ts";
import type { ShardPlan } from "../../src/scan/schemas.ts";
import { validators } from "../../src/scan/validators.ts";
import { FakeClock } from "../testkit/clock.ts";

const plan: ShardPlan = {
  version: 1,
  jobId: "00000000-0000-4000-8000-000000000001",
  attempt: 2,
  shard: 4,
  tryNumber: 1,
  phase: "services",
  targets: ["192.0.2.10"],
  exclusions: [],
  profile: "normal",
  ports: "top-100",
  slice: { protocol: "tcp", top: 100 },
  packetsPerSecond: 100,
  device: "eth0",
  deadlineSeconds: 60,
  cardWaitSeconds: 300,
};

/** A shard whose card has no link at first; its engine is a program that ends at once. */
async function shardWithoutLink(t: ExecutionContext) {
  const jobFolder = await mkdtemp(join(tmpdir(), "outrider-waiting-"));
  t.teardown(() => rm(jobFolder, { recursive: true, force: true }));
  await writeFile(planFile(jobFolder, plan.shard), JSON.stringify(plan));
  const clock = new FakeClock();
  let state: CardState = { index: 2, linkUp: false, linkLosses: 0, addresses: ["192.0.2.50"] };
  const done = runShard({
    jobFolder,
    jobId: plan.jobId,
    shard: plan.shard,
    engines,
    programOf: () => ({ command: "true", environment: {} }),
    privileges: { raw: false },
    cardOf: (name) => ({ name, look: () => state }),
    clock,
    signal: new AbortController().signal,
  });
  const note = join(jobFolder, "4.waiting.json");
  return {
    clock,
    done,
    note,
    jobFolder,
    connect: () => {
      state = { ...state, linkUp: true };
    },
  };
}

const thereIs = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

test("while a shard waits for its card a file says so, and it is gone when the shard goes on", async (t) => {
  const { clock, done, note, connect } = await shardWithoutLink(t);
  await until(() => thereIs(note));
  const from = clock.nowMs();
  const wait = validators.CardWait(JSON.parse(await readFile(note, "utf8")));
  t.deepEqual(wait.valid && wait.value, {
    version: 1,
    attempt: 2,
    tryNumber: 1,
    card: "eth0",
    kind: "no-link",
    from,
    until: from + 300_000,
  });
  connect();
  await clock.advance(5000);
  t.is((await done)?.outages?.length, 1);
  t.false(await thereIs(note));
});

test("a shard that gives up leaves no such file", async (t) => {
  const { clock, done, note } = await shardWithoutLink(t);
  await until(() => thereIs(note));
  await clock.advance(301_000);
  t.true((await done)?.gaveUp);
  t.false(await thereIs(note));
});

test("a place where the file cannot be written costs the shard nothing", async (t) => {
  const { clock, done, note, connect, jobFolder } = await shardWithoutLink(t);
  await until(() => thereIs(note));
  await rm(note);
  await mkdir(join(note, "full"), { recursive: true });
  connect();
  await clock.advance(5000);
  t.is((await done)?.exitCode, 0);
  t.true(await thereIs(join(jobFolder, "4.done.json")));
});
