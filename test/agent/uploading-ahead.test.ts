import test from "ava";
import { Uploader } from "../../src/agent/scan-jobs/uploader.ts";
import { silentLog } from "../../src/base/log.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { exampleEnd, exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { memoryFiles } from "../testkit/agent/spool-files.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";

const parts = 5;

/**
 * Five parts on a slow line, one after the other, out of a spool whose moves the test controls.
 */
async function onSlowLine(
  moveEmptied: (move: () => Promise<number | null>) => Promise<number | null>,
) {
  const disk = memoryFiles();
  const files = {
    ...disk,
    moveEmptied: (from: string, to: string) => moveEmptied(() => disk.moveEmptied(from, to)),
  };
  const spool = await openSpool("/spool", { files });
  const folder = await spool.add(exampleJob, 1);
  for (let shard = 0; shard < parts; shard++)
    await folder.writeParts(shard, [exampleHost(`192.0.2.${shard}`)]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  const clock = new FakeClock();
  const taken: number[] = [];
  const send = results.sendPart;
  results.sendPart = async (...given) => {
    await clock.advance(2000);
    taken.push(given[1]);
    return send(...given);
  };
  const uploader = new Uploader({
    spool,
    results,
    clock,
    random: fixedRandom(0.5),
    log: silentLog,
    finished: (done) => spool.remove(done),
    unknown: (gone) => spool.remove(gone),
    changed: () => undefined,
  });
  return { uploader, results, taken, folder };
}

test("while a confirmed part leaves the spool durably, the next one is being sent already, and the one after it waits", async (t) => {
  const held: { move: () => void; takenBefore: number }[] = [];
  const { uploader, results, taken } = await onSlowLine(async (move) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held.push({ move: resolve, takenBefore: taken.length });
    await promise;
    return move();
  });
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  let ended = false;
  const sent = uploader.sendAll(new AbortController().signal).finally(() => {
    ended = true;
  });
  const ahead: number[] = [];
  for (let left = 0; left < parts; left++) {
    while (held.length <= left) await settled();
    for (let turns = 0; turns < 20; turns++) await settled();
    ahead.push(taken.length);
    t.false(ended);
    t.is(results.completion, null);
    held[left]?.move();
  }
  await sent;
  // The first goes alone; then there is always one more.
  t.deepEqual(ahead, [1, 3, 4, 5, 5]);
  t.like(results.completion, { state: "completed", partCount: parts });
});

test("a part that could not leave the spool is still there, and the round rejects", async (t) => {
  let moves = 0;
  const { uploader, results, folder } = await onSlowLine(async (move) => {
    if (moves++ === 1) throw new Error("no disk");
    return move();
  });
  await t.throwsAsync(uploader.sendAll(new AbortController().signal), { message: "no disk" });
  t.true(folder.parts.waitingCount > 0);
  t.is(results.completion, null);
  await uploader.sendAll(new AbortController().signal);
  t.like(results.completion, { state: "completed", partCount: parts });
});
