import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { diskFiles } from "../../src/agent/spool/files.ts";
import { SharedSyncs } from "../../src/agent/spool/shared-syncs.ts";

/** Syncs that end when the test ends them. */
function heldSyncs() {
  const begun: { folder: string; end: (error?: Error) => void }[] = [];
  const syncs = new SharedSyncs((folder) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    begun.push({ folder, end: (error) => (error ? reject(error) : resolve()) });
    return promise;
  });
  return { syncs, begun };
}

/** Everything that can follow by itself has followed. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a caller that comes during a folder's sync waits for the next one, together with all others", async (t) => {
  const { syncs, begun } = heldSyncs();
  const durable: string[] = [];
  const change = (name: string) => syncs.sync("receipts").then(() => durable.push(name));
  const all = ["first", "second", "third"].map(change);
  await settled();
  t.is(begun.length, 1);
  begun[0]?.end();
  await settled();
  t.deepEqual(durable, ["first"]);
  t.is(begun.length, 2);
  all.push(change("fourth"));
  begun[1]?.end();
  await settled();
  t.deepEqual(durable, ["first", "second", "third"]);
  t.is(begun.length, 3);
  begun[2]?.end();
  await Promise.all(all);
  t.deepEqual(durable, ["first", "second", "third", "fourth"]);
});

test("a caller that comes after a sync gets a sync of its own", async (t) => {
  const { syncs, begun } = heldSyncs();
  const first = syncs.sync("receipts");
  begun[0]?.end();
  await first;
  const second = syncs.sync("receipts");
  t.is(begun.length, 2);
  begun[1]?.end();
  await second;
});

test("folders do not wait for each other", async (t) => {
  const { syncs, begun } = heldSyncs();
  const both = [syncs.sync("receipts"), syncs.sync("parts")];
  t.deepEqual(
    begun.map(({ folder }) => folder),
    ["receipts", "parts"],
  );
  for (const { end } of begun) end();
  await Promise.all(both);
});

test("a failed sync rejects for all that waited for it, and the next callers are synced again", async (t) => {
  const { syncs, begun } = heldSyncs();
  const first = syncs.sync("receipts");
  const others = [syncs.sync("receipts"), syncs.sync("receipts")];
  const rejected = t.throwsAsync(first, { message: "first" });
  begun[0]?.end(new Error("first"));
  await rejected;
  await settled();
  t.is(begun.length, 2);
  const toldToo = others.map((other) => t.throwsAsync(other, { message: "second" }));
  begun[1]?.end(new Error("second"));
  await Promise.all(toldToo);
  const last = syncs.sync("receipts");
  t.is(begun.length, 3);
  begun[2]?.end();
  await t.notThrowsAsync(last);
});

test("a moved file is emptied only after both folders are durable, and many moves share their syncs", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-syncs-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [parts, receipts] = [join(folder, "parts"), join(folder, "receipts")];
  for (const each of [parts, receipts]) await mkdir(each);
  const names = Array.from({ length: 10 }, (_, number) => `${number}`);
  for (const name of names) await writeFile(join(parts, name), "a part");
  const { syncs, begun } = heldSyncs();
  const files = diskFiles(syncs);
  const moves = Promise.all(
    names.map((name) => files.moveEmptied(join(parts, name), join(receipts, name))),
  );
  let moved = false;
  moves.finally(() => {
    moved = true;
  });
  while ((await readdir(parts)).length > 0 || begun.length < 2) await settled();
  for (const name of names) t.is(await readFile(join(receipts, name), "utf8"), "a part");
  // One of the two folders alone is not enough.
  const others = () => begun.filter((sync) => sync.folder === receipts);
  for (let ended = 0; ended < 2; ended++) {
    while (others().length <= ended) await settled();
    others()[ended]?.end();
  }
  await settled();
  for (const name of names) t.is(await readFile(join(receipts, name), "utf8"), "a part");
  t.false(moved);
  for (let ended = 0; !moved; ended++) {
    while (begun.length <= ended && !moved) await settled();
    begun[ended]?.end();
  }
  t.deepEqual(
    await moves,
    Array.from(names, () => "a part".length),
  );
  for (const name of names) t.is(await readFile(join(receipts, name), "utf8"), "");
  t.true(begun.length <= 6, `${begun.length} syncs`);
  t.is(await files.moveEmptied(join(parts, "0"), join(receipts, "0")), null);
});
