import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { contentSet } from "../../src/updates/consumer.ts";
import { type DriverState, UpdateDriver } from "../../src/updates/driver.ts";
import { FakeClock } from "../testkit/clock.ts";
import { fetchedFile, pathIn } from "../testkit/updates/files.ts";
import { type Moment, PackConsumer } from "../testkit/updates/pack-consumer.ts";

const applyMain = fileURLToPath(new URL("../testkit/updates/apply-main.ts", import.meta.url));

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-consumers-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A driver that runs; `moments` are those that its consumer reached. */
async function start(
  t: ExecutionContext,
  folder: string,
  reached: (moment: Moment) => void = () => undefined,
) {
  const clock = new FakeClock();
  const moments: Moment[] = [];
  const consumer = new PackConsumer(folder, (moment) => {
    moments.push(moment);
    reached(moment);
  });
  let changed = Promise.withResolvers<void>();
  const driver = new UpdateDriver({
    consumer,
    folder: join(folder, "consumers"),
    pathOf: pathIn(folder),
    clock,
    log: silentLog,
    changed: () => {
      changed.resolve();
      changed = Promise.withResolvers();
    },
  });
  const stop = new AbortController();
  const ended = driver.run(stop.signal);
  const close = async () => {
    stop.abort();
    await ended;
  };
  t.teardown(close);
  const offer = async (text: string) => {
    const set = contentSet("signatures", [await fetchedFile(folder, text)]);
    driver.offer(set);
    return set;
  };
  const until = async (check: (state: DriverState, active: string | null) => boolean) => {
    while (!check(driver.state, (await consumer.state()).active))
      await Promise.race([changed.promise, new Promise((resolve) => setImmediate(resolve))]);
  };
  const apply = async (text: string) => {
    const { id } = await offer(text);
    await until(
      ({ pending, refused }, active) =>
        pending === null && (active === id || refused?.set.id === id),
    );
  };
  return { driver, consumer, clock, moments, offer, apply, until, close };
}

test("content is verified, installed beside what is in use, and switched to; the same again does nothing", async (t) => {
  const { consumer, moments, apply, driver } = await start(t, await folderFor(t));
  await apply("1");
  t.is(await consumer.inUse(), "1");
  t.deepEqual(moments, [
    "verify begins",
    "verify ends",
    "install begins",
    "install ends",
    "activate begins",
    "activate ends",
  ]);
  await apply("2");
  t.is(await consumer.inUse(), "2");
  moments.length = 0;
  await apply("2");
  t.deepEqual(moments, []);
  t.deepEqual(driver.state, { pending: null, refused: null });
});

test("content that its kind's checks refuse is not installed, shows the reason, and is tried again on request only", async (t) => {
  const folder = await folderFor(t);
  const { consumer, moments, apply, driver, until, close } = await start(t, folder);
  await apply("1");
  moments.length = 0;
  await apply("bad");
  t.is(await consumer.inUse(), "1");
  t.deepEqual(moments, ["verify begins"]);
  t.like(driver.state.refused, { failure: { code: "update-altered", detail: "core is no JSON" } });
  await apply("bad");
  t.deepEqual(moments, ["verify begins"]);
  driver.retry();
  await until(() => moments.length === 2);
  await until(({ refused }) => refused !== null);
  await close();

  // The refusal is remembered by the next process, and ends with other content.
  const next = await start(t, folder);
  await next.until(({ refused }) => refused !== null);
  await next.apply("bad");
  t.deepEqual(next.moments, []);
  await next.apply("3");
  t.is(await next.consumer.inUse(), "3");
  t.is(next.driver.state.refused, null);
});

test("an activation that fails is rolled back: what was in use is in use again, and nothing of the other stays", async (t) => {
  const folder = await folderFor(t);
  const { consumer, moments, apply, driver } = await start(t, folder);
  await apply("broken");
  t.is(await consumer.inUse(), null);
  await apply("1");
  moments.length = 0;
  await apply("broken");
  t.is(await consumer.inUse(), "1");
  t.deepEqual(moments.slice(-3), ["activate begins", "rollback begins", "rollback ends"]);
  t.is((await readdir(join(folder, "staged"))).length, 1);
  t.like(driver.state.refused, { failure: { code: "system-failed" } });
});

test("a rollback that fails is tried again before anything else", async (t) => {
  let failures = 1;
  const folder = await folderFor(t);
  const { consumer, clock, apply, offer, until } = await start(t, folder, (moment) => {
    if (moment === "rollback begins" && failures-- > 0) throw new OutriderError("storage-full");
  });
  await apply("1");
  await offer("broken");
  await clock.untilSleeping((durationMs) => durationMs === 60_000);
  t.is(await consumer.inUse(), "broken");
  await clock.advance(60_000);
  await until(({ refused }) => refused !== null);
  t.is(await consumer.inUse(), "1");
});

test("a full disk is no reason to refuse: it is tried again after a while", async (t) => {
  let full = true;
  const folder = await folderFor(t);
  const { consumer, clock, driver, offer, until } = await start(t, folder, (moment) => {
    if (moment === "install begins" && full) throw new OutriderError("storage-full");
  });
  const { id } = await offer("1");
  await clock.untilSleeping((durationMs) => durationMs === 60_000);
  t.deepEqual(driver.state, { pending: null, refused: null });
  full = false;
  await clock.advance(60_000);
  await until(({ pending }, active) => pending === null && active === id);
  t.is(await consumer.inUse(), "1");
});

test("content that was replaced while its installation was cut off is dropped for the new", async (t) => {
  const folder = await folderFor(t);
  const old = contentSet("signatures", [await fetchedFile(folder, "1")]);
  await writeRecord(folder, { step: "install", tries: 1, failure: null, set: old });
  await rm(pathIn(folder)(old.files[0] ?? t.fail()));
  const { consumer, apply, driver } = await start(t, folder);
  await apply("2");
  t.is(await consumer.inUse(), "2");
  t.is(driver.state.refused, null);
});

test("a step that ends the process every time is given up after three times, and rolled back", async (t) => {
  const folder = await folderFor(t);
  const set = contentSet("signatures", [await fetchedFile(folder, "1")]);
  await writeRecord(folder, { step: "activate", tries: 3, failure: null, set });
  const { consumer, driver, until } = await start(t, folder);
  await until(({ refused }) => refused !== null);
  t.is(await consumer.inUse(), null);
  t.is(driver.state.refused?.failure.detail, "the step activate was cut off 3 times");
});

test("a record that is damaged counts as none", async (t) => {
  const folder = await folderFor(t);
  await writeRecord(folder, "{");
  const { consumer, apply } = await start(t, folder);
  await apply("1");
  t.is(await consumer.inUse(), "1");
});

for (const [text, moments, inUse] of [
  [
    "2",
    [
      "verify begins",
      "verify ends",
      "install begins",
      "install ends",
      "activate begins",
      "activate ends",
    ],
    "2",
  ],
  ["broken", ["activate begins", "rollback begins", "rollback ends"], "1"],
] as const satisfies [string, Moment[], string][])
  for (const moment of moments)
    test(`a process that is killed when ${moment} of content ${text} goes on where it was`, async (t) => {
      t.timeout(120_000);
      const folder = await folderFor(t);
      t.is(await applied(folder, "1"), 0);
      t.is(await applied(folder, text, moment), "SIGKILL");
      const consumer = new PackConsumer(folder);
      t.true(["1", text].includes((await consumer.inUse()) ?? ""), "always one that is whole");
      // The next process needs no new offer.
      t.is(await applied(folder), 0);
      t.is(await consumer.inUse(), inUse);
      const record = JSON.parse(await readFile(join(folder, "consumers/signatures.json"), "utf8"));
      t.is(record.pending, null);
      t.is(record.refused?.failure.code, text === "broken" ? "system-failed" : undefined);
    });

/** Applies a pack in a process of its own; gives its exit code or the signal that ended it. */
function applied(folder: string, text = "", moment = ""): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [applyMain, folder, text, moment],
      (_error, _stdout, stderr) => {
        if (stderr !== "") reject(new Error(stderr));
        else resolve(child.signalCode ?? child.exitCode ?? -1);
      },
    );
  });
}

async function writeRecord(folder: string, pending: object | string): Promise<void> {
  await mkdir(join(folder, "consumers"), { recursive: true });
  const text =
    typeof pending === "string" ? pending : JSON.stringify({ version: 1, pending, refused: null });
  await writeFile(join(folder, "consumers/signatures.json"), text);
}
