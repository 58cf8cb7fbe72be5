import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Family } from "../../src/base/addresses/address.ts";
import {
  type CardState,
  faultNow,
  KernelCard,
  type OutageKind,
  type ScanCard,
} from "../../src/scan/run/card.ts";
import { runOverCard } from "../../src/scan/run/card-watch.ts";
import { FakeClock } from "../testkit/clock.ts";

const up: CardState = { index: 2, linkUp: true, linkLosses: 0, addresses: ["192.0.2.50"] };
const waitMs = 300_000;

/** A card whose state the test sets, and an engine that ends when the test says so. */
function scan(state: CardState = up, family: Family = 4) {
  const clock = new FakeClock();
  const startMs = clock.nowMs();
  let now = state;
  const card: ScanCard = { name: "eth0", look: () => now };
  const stop = new AbortController();
  const told: (string | null)[] = [];
  /** One entry for each run of the engine: how it ended. */
  const runs: ("running" | "ended" | "killed")[] = [];
  let end: () => void = () => undefined;
  const outcome = runOverCard(
    {
      card,
      family,
      clock,
      waitMs,
      signal: stop.signal,
      told: (wait) => told.push(wait?.kind ?? null),
    },
    (lost) =>
      new Promise<string>((resolve) => {
        const number = runs.push("running") - 1;
        const finish = (how: "ended" | "killed") => {
          if (runs[number] === "running") runs[number] = how;
          resolve(`run ${number + 1}`);
        };
        end = () => finish("ended");
        lost.addEventListener("abort", () => finish("killed"), { once: true });
        stop.signal.addEventListener("abort", () => finish("killed"), { once: true });
      }),
  );
  const read = async () => {
    const { result, outages } = await outcome;
    return {
      result,
      outages: outages.map(({ kind, from, to }) => ({
        kind,
        fromMs: from - startMs,
        tookMs: to - from,
      })),
    };
  };
  return {
    clock,
    runs,
    told,
    stop,
    set: (more: Partial<CardState>) => (now = { ...now, ...more }),
    end: () => end(),
    read,
  };
}

test("a scan whose card stays runs once", async (t) => {
  const { clock, runs, end, read, set } = scan();
  await clock.advance(10_000);
  set({ addresses: ["192.0.2.50", "192.0.2.51"] });
  await clock.advance(10_000);
  end();
  t.deepEqual(await read(), { result: "run 1", outages: [] });
  t.deepEqual(runs, ["ended"]);
});

const losses: readonly [string, Partial<CardState>, Partial<CardState>, OutageKind][] = [
  ["a link that is cut", { linkUp: false, linkLosses: 1 }, { linkUp: true }, "no-link"],
  ["a lease that ends", { addresses: [] }, { addresses: ["192.0.2.50"] }, "no-address"],
  ["a lease with another address", { addresses: ["192.0.2.99"] }, {}, "no-address"],
  [
    "a card that is taken out",
    { index: null, linkUp: false },
    { index: 9, linkUp: true },
    "missing",
  ],
  ["a card that was changed between two looks", { index: 9 }, {}, "missing"],
  ["a link that was cut between two looks", { linkLosses: 2 }, {}, "no-link"],
];
for (const [what, gone, back, kind] of losses)
  test(`${what} ends the engine; it begins again once the card is back`, async (t) => {
    const { clock, runs, end, read, set, told } = scan();
    await clock.advance(10_000);
    set(gone);
    await clock.advance(20_000);
    set(back);
    await clock.advance(10_000);
    t.deepEqual(runs, ["killed", "running"]);
    end();
    const { result, outages } = await read();
    t.is(result, "run 2");
    t.is(outages.length, 1);
    t.is(outages[0]?.kind, kind);
    const fromMs = outages[0]?.fromMs ?? 0;
    t.true(fromMs >= 10_000 && fromMs <= 10_500, `${fromMs}`);
    t.deepEqual(told, [kind, null]);
  });

test("an engine that ends by itself while the card is away has no result yet", async (t) => {
  const { clock, runs, end, read, set } = scan();
  await clock.advance(100);
  set({ linkUp: false, linkLosses: 1 });
  // Before the next look.
  end();
  await clock.advance(1000);
  t.deepEqual(runs, ["ended"]);
  set({ linkUp: true });
  await clock.advance(5000);
  end();
  t.like(await read(), { result: "run 2" });
});

test("a shard that starts without its card waits for it, and waits until it has settled", async (t) => {
  const { clock, runs, end, read, set } = scan({ ...up, linkUp: false, addresses: [] });
  await clock.advance(20_000);
  set({ linkUp: true });
  await clock.advance(5000);
  t.deepEqual(runs, [], "it has no lease yet");
  set({ addresses: ["192.0.2.50"] });
  await clock.advance(1000);
  set({ linkUp: false, linkLosses: 1 });
  await clock.advance(1000);
  set({ linkUp: true });
  await clock.advance(2000);
  t.deepEqual(runs, [], "it has just been lost again");
  await clock.advance(2000);
  t.deepEqual(runs, ["running"]);
  end();
  t.like(await read(), { result: "run 1" });
});

test("a card that does not come back ends the shard without a result, at the limit", async (t) => {
  const { clock, runs, read, set } = scan();
  await clock.advance(1000);
  set({ index: null });
  await clock.advance(waitMs + 1000);
  const { result, outages } = await read();
  t.is(result, null);
  t.deepEqual(runs, ["killed"]);
  t.true((outages[0]?.tookMs ?? 0) >= waitMs);
});

test("a card that comes and goes for ever ends the shard too", async (t) => {
  const { clock, runs, read, set } = scan();
  for (let losses = 1; losses <= 12; losses++) {
    await clock.advance(5000);
    set({ linkLosses: losses });
  }
  await clock.advance(5000);
  const { result, outages } = await read();
  t.is(result, null);
  t.is(outages.length, 9);
  t.true(runs.every((each) => each === "killed"));
});

test("a network without IPv6 is not waited for as long as a cut link", async (t) => {
  const none = scan({ ...up, addresses: [] }, 6);
  await none.clock.advance(121_000);
  t.like(await none.read(), { result: null });
  const cut = scan({ ...up, linkUp: false }, 6);
  await cut.clock.advance(121_000);
  cut.set({ linkUp: true });
  await cut.clock.advance(5000);
  t.deepEqual(cut.runs, ["running"]);
  cut.end();
  t.like(await cut.read(), { result: "run 1" });
});

test("a stopped scan does not wait any more", async (t) => {
  const waiting = scan({ ...up, linkUp: false });
  await waiting.clock.advance(1000);
  waiting.stop.abort(new Error("stopped"));
  t.like(await waiting.read(), { result: null });
  const running = scan();
  await running.clock.advance(1000);
  running.stop.abort(new Error("stopped"));
  t.deepEqual(await running.read(), { result: "run 1", outages: [] });
});

async function sysfs(t: ExecutionContext, files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "outrider-card-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "lo"));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, "lo", name), content);
  return folder;
}

test("a card is read as the kernel shows it", async (t) => {
  const folder = await sysfs(t, { ifindex: "7\n", carrier: "1\n", carrier_down_count: "3\n" });
  t.deepEqual(new KernelCard("lo", folder).look(4), {
    index: 7,
    linkUp: true,
    linkLosses: 3,
    addresses: ["127.0.0.1"],
  });
  // A card that is switched off has no readable carrier; one that is not there has nothing.
  const off = await sysfs(t, { ifindex: "7\n" });
  t.is(faultNow(new KernelCard("lo", off).look(4)), "no-link");
  t.is(faultNow(new KernelCard("gone0", off).look(4)), "missing");
  const odd = await sysfs(t, { ifindex: "x\n", carrier: "9".repeat(40) });
  t.is(faultNow(new KernelCard("lo", odd).look(6)), "missing");
  t.like(new KernelCard("lo").look(4), { linkUp: true, addresses: ["127.0.0.1"] });
});
