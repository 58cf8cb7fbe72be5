import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { openStore } from "../../src/platform/store/open.ts";
import type { Store } from "../../src/platform/store/store.ts";
import { enrolInStore, exampleBeat } from "../testkit/platform/store-appliance.ts";

/** The store alone, so that time is only a number here. */
let store: Store;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "outrider-store-"));
  store = await openStore(join(folder, "store.sqlite"));
});
test.after.always(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

/** One heartbeat as it was sent: by which start, with the agent's count of starts and of heartbeats. */
interface Sent {
  start: string;
  machine: "enrolled" | "other";
  starts: number;
  sequence: number;
}
const from =
  (machine: Sent["machine"]) =>
  (start: string, starts: number, sequence: number): Sent => ({ start, machine, starts, sequence });
const here = from("enrolled");
const there = from("other");

const intervalMs = 60_000;
/** The platform refuses what was signed longer ago (signature-clock). */
const longestHeldMs = 300_000;

/** What really happened, in the order of sending, and what the platform has to make of it. */
interface Story {
  what: string;
  sent: readonly Sent[];
  /** The start that counts in the end. */
  present: string;
  restored: boolean;
  copies: readonly string[];
}
const stories: readonly Story[] = [
  {
    what: "a restart",
    sent: [here("a", 1, 0), here("a", 1, 1), here("b", 2, 0), here("b", 2, 1), here("b", 2, 2)],
    present: "b",
    restored: false,
    copies: [],
  },
  {
    what: "three restarts in a row",
    sent: [here("a", 1, 0), here("b", 2, 0), here("c", 3, 0), here("d", 4, 0), here("d", 4, 1)],
    present: "d",
    restored: false,
    copies: [],
  },
  {
    what: "restarts of the agent alone",
    sent: [here("a", 1, 0), here("a", 1, 1), here("a", 2, 0), here("a", 3, 0), here("a", 3, 1)],
    present: "a",
    restored: false,
    copies: [],
  },
  {
    what: "a disk set back to a snapshot",
    sent: [here("a", 7, 0), here("b", 8, 0), here("c", 8, 0), here("c", 8, 1), here("c", 8, 2)],
    present: "c",
    restored: true,
    copies: [],
  },
  {
    what: "a machine set back with its memory",
    sent: [here("a", 1, 0), here("a", 1, 1), here("b", 2, 0), here("a", 1, 2), here("a", 1, 3)],
    present: "a",
    restored: true,
    copies: [],
  },
  {
    what: "a machine set back with its memory, then restarted",
    sent: [here("a", 1, 0), here("b", 2, 0), here("a", 1, 1), here("c", 2, 0), here("c", 2, 1)],
    present: "c",
    restored: true,
    copies: [],
  },
  {
    what: "a copy that calls by turns",
    sent: [0, 1, 2, 3, 4].flatMap((turn) => [here("a", 1, turn), there("b", 2, turn)]),
    present: "a",
    restored: true,
    copies: ["b"],
  },
  {
    what: "a copy that calls by turns while the machine restarts",
    sent: [
      ...[0, 1].flatMap((turn) => [here("a", 1, turn), there("b", 2, turn)]),
      ...[0, 1, 2].flatMap((turn) => [here("c", 2, turn), there("b", 2, 2 + turn)]),
    ],
    present: "c",
    restored: true,
    copies: ["b"],
  },
];

/**
 * Every way in which one heartbeat is held while later ones pass, but for the last. The machine
 * whose heartbeat comes first is the one that enrolled, so with a copy the first one is not held.
 */
const orders = stories.flatMap((story) =>
  story.sent.flatMap((_, held) => {
    const most = Math.min(story.sent.length - 2 - held, longestHeldMs / intervalMs);
    const isFirst = held === 0;
    const passes = Array.from({ length: Math.max(0, most + 1) }, (_each, passed) => passed);
    return passes
      .filter((passed) => (passed === 0 ? isFirst : !isFirst || story.copies.length === 0))
      .map((passed) => ({ ...story, held, passed }));
  }),
);

test(`the table has ${orders.length} orders`, (t) => {
  t.true(orders.length >= 40);
});

/** What the platform made of heartbeats that were sent once a minute and arrived at these times. */
async function outcome(
  sent: readonly Sent[],
  arrivals: readonly number[],
  aheadMs: readonly number[] = [],
) {
  const id = await enrolInStore(store);
  const arriving = sent
    .map((beat, index) => ({
      beat,
      signedMs: index * intervalMs + (aheadMs[index] ?? 0),
      atMs: arrivals[index] ?? 0,
    }))
    .sort((a, b) => a.atMs - b.atMs);
  const refused = new Set<string>();
  for (const { beat, signedMs, atMs } of arriving) {
    const result = await store.appliances.heartbeat(
      id,
      {
        ...exampleBeat,
        bootId: beat.start,
        machine: (beat.machine === "enrolled" ? "a" : "b").repeat(64),
        starts: beat.starts,
        sequence: beat.sequence,
      },
      { from: null, atMs, signedMs },
      { nowMs: atMs, untilMs: atMs + 900_000 },
    );
    if (result.kind === "copy") refused.add(beat.start);
  }
  return { refused: [...refused], stored: await store.appliances.find(id) };
}

/** The last start goes on, after the longest time that anything before can be held. */
function thenQuiet(
  sent: readonly Sent[],
  arrivals: readonly number[],
  aheadMs: readonly number[] = [],
): Parameters<typeof outcome> {
  const last = sent.at(-1);
  if (!last) throw new Error("nothing was sent");
  const gap = longestHeldMs / intervalMs;
  const later = Array.from({ length: gap + 3 }, (_, index) => sent.length + index);
  const beats = later.map((index) => ({ ...last, sequence: last.sequence + index }));
  return [
    [...sent, ...beats.slice(gap)],
    [...arrivals, ...later.slice(gap).map((index) => index * intervalMs)],
    // Their own index counts the time less the gap.
    [...sent.map((_, index) => aheadMs[index] ?? 0), ...Array(3).fill(gap * intervalMs)],
  ];
}

for (const { what, sent, present, restored, copies, held, passed } of orders) {
  const order = passed === 0 ? "nothing is held" : `heartbeat ${held} is passed by ${passed}`;
  test(`${what}, ${order}`, async (t) => {
    const arrivals = sent.map(
      (_, index) => (index === held ? held + passed + 0.5 : index) * intervalMs,
    );
    const { refused, stored } = await outcome(sent, arrivals);
    t.deepEqual(refused, copies);
    t.is(stored?.bootId, present);
    t.is(stored?.restoredAt !== null, restored);
    // The status that is shown is the last that was sent.
    const last = sent.findLast(({ start }) => start === present);
    t.like(stored?.heartbeat, { starts: last?.starts, sequence: last?.sequence });
  });
}

test("however all of a single machine's heartbeats are held, it is never a copy, and its last start counts", async (t) => {
  const alone = stories.filter(({ copies }) => copies.length === 0);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...alone),
      fc.array(fc.integer({ min: 0, max: longestHeldMs }), { minLength: 5, maxLength: 5 }),
      async ({ sent, present }, delays) => {
        const arrivals = sent.map((_, index) => index * intervalMs + (delays[index] ?? 0));
        const { refused, stored } = await outcome(...thenQuiet(sent, arrivals));
        t.deepEqual(refused, []);
        t.is(stored?.bootId, present);
      },
    ),
    { numRuns: 200 },
  );
});

test("what was signed before the platform's clock was set back by a year makes no later start late", async (t) => {
  const id = await enrolInStore(store);
  const yearMs = 365 * 24 * 60 * intervalMs;
  // The second start is of a disk that was set back, so its count is no higher.
  for (const [bootId, now] of [
    ["a", 2 * yearMs],
    ["b", yearMs],
  ] as const)
    await store.appliances.heartbeat(
      id,
      { ...exampleBeat, bootId, starts: 7 },
      { from: null, atMs: now, signedMs: now - 1000 },
      { nowMs: now, untilMs: now + 900_000 },
    );
  t.like(await store.appliances.find(id), { bootId: "b", restoredAt: yearMs });
});

test("a machine whose clock is wrong at each start is never a copy, whatever is held", async (t) => {
  const alone = stories.filter(({ copies, restored }) => copies.length === 0 && !restored);
  const minutes = fc.integer({ min: -280_000, max: 280_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...alone),
      fc.array(minutes, { minLength: 5, maxLength: 5 }),
      fc.nat(3),
      fc.integer({ min: 0, max: longestHeldMs }),
      async ({ sent, present }, wrong, held, delay) => {
        // Only the first heartbeat of a start: its answer sets the clock right.
        const aheadMs = sent.map(({ start }, index) =>
          sent.findIndex((each) => each.start === start) === index ? (wrong[index] ?? 0) : 0,
        );
        const arrivals = sent.map((_, index) => index * intervalMs + (index === held ? delay : 0));
        const { refused, stored } = await outcome(...thenQuiet(sent, arrivals, aheadMs));
        t.deepEqual(refused, [], JSON.stringify({ sent, arrivals, aheadMs }));
        t.is(stored?.bootId, present);
      },
    ),
    { numRuns: 300 },
  );
});

test("after a disk was set back, restarts are only restarts", async (t) => {
  const sent = [50, 3, 4, 5].map((starts) => here(`start ${starts}`, starts, 0));
  const arrivals = sent.map((_, index) => index * intervalMs);
  const { stored } = await outcome(sent, arrivals);
  t.is(stored?.restoredAt, intervalMs, "it was set back once");
});
