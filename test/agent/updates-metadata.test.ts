import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { walkMetadata } from "../../src/agent/updates/metadata-walk.ts";
import { isRoot, TrustedMetadata } from "../../src/agent/updates/trusted-metadata.ts";
import { readTargets } from "../../src/agent/updates/wanted.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { FakeClock } from "../testkit/clock.ts";
import { MemoryMetadata, TestRepository } from "../testkit/platform/content.ts";

const day = 86_400_000;

/** A platform with one pack, and an appliance that trusts its first root. */
async function setUp(t: ExecutionContext) {
  const clock = new FakeClock();
  const repository = await TestRepository.make(clock);
  t.teardown(() => repository.remove());
  const store = new MemoryMetadata(repository.repository.rootText);
  await repository.publish("1");
  const asked: string[] = [];
  const fork = async () => {
    const other = await repository.fork();
    t.teardown(() => other.remove());
    return other;
  };
  /** Walks over files of `from`; `instead` gives other ones for some names. */
  const walk = async (
    from: TestRepository = repository,
    instead: Record<string, Buffer | null> = {},
  ) => {
    asked.length = 0;
    const files = await walkMetadata(
      store,
      async (name) => {
        asked.push(name);
        return name in instead ? (instead[name] ?? null) : from.file(name);
      },
      clock.nowMs(),
    );
    return readTargets(files)
      .map(({ name, version }) => `${name} ${version}`)
      .sort();
  };
  const refused = async (
    code: ErrorCode,
    from?: TestRepository,
    instead?: Record<string, Buffer | null>,
  ) => {
    const before = new Map(store.kept);
    const error = await t.throwsAsync(walk(from, instead), { instanceOf: OutriderError });
    t.is(error.code, code, error.message);
    return before;
  };
  return { clock, repository, store, asked, walk, refused, fork };
}

const changed = (
  bytes: Buffer | null,
  change: (metadata: { signed: Record<string, unknown>; signatures: unknown[] }) => void,
): Buffer => {
  const metadata = JSON.parse(String(bytes));
  change(metadata);
  return Buffer.from(JSON.stringify(metadata));
};

test("a first walk reads everything, a later one only asks for a newer root and timestamp", async (t) => {
  const { walk, asked, repository } = await setUp(t);
  t.deepEqual(await walk(), ["core 1"]);
  t.deepEqual(asked, ["2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"]);
  t.deepEqual(await walk(), ["core 1"]);
  t.deepEqual(asked, ["2.root.json", "timestamp.json"]);
  await repository.publish("2");
  t.deepEqual(await walk(), ["core 1", "core 2"]);
  t.deepEqual(asked, ["2.root.json", "timestamp.json", "3.snapshot.json", "3.targets.json"]);
});

test("replaced keys are followed, by an appliance that saw each and by one that was away", async (t) => {
  const { walk, repository, store } = await setUp(t);
  const away = new MemoryMetadata(repository.repository.rootText);
  await walk();
  for (const role of ["root", "targets", "snapshot", "timestamp", "root"] as const) {
    await repository.repository.replaceKey(role);
    await repository.publish(`after ${role}`.replace(" ", "-") + repository.repository.version);
    t.true((await walk()).length > 0, role);
  }
  t.is(JSON.parse(String(store.kept.get("root"))).signed.version, 6);
  const files = await walkMetadata(away, repository.file, Date.UTC(2026, 0, 1));
  t.is(files.length, 2);
});

test("a platform that is cut off anywhere while it replaces a key signs what is missing at its next start, and appliances follow", async (t) => {
  const { walk, repository, clock, fork, store } = await setUp(t);
  await walk();
  const kept = new Map(store.kept);
  const anchor = repository.repository.rootText;
  for (const role of ["root", "targets", "snapshot", "timestamp"] as const) {
    const before = await fork();
    const whole = await fork();
    await whole.repository.replaceKey(role);
    // In the order in which they are written; the old key goes last.
    const written = (await newFiles(before.folder, whole.folder)).sort(
      (a, b) => placeInOrder(a) - placeInOrder(b),
    );
    t.true(written.length >= (role === "root" ? 2 : 3), written.join(" "));
    for (let count = 1; count <= written.length; count++) {
      const folder = await mkdtemp(join(tmpdir(), "outrider-cut-"));
      t.teardown(() => rm(folder, { recursive: true, force: true }));
      await cp(before.folder, folder, { recursive: true });
      for (const name of written.slice(0, count))
        await cp(join(whole.folder, name), join(folder, name));
      const again = await TestRepository.make(clock, folder);
      t.teardown(() => again.remove());
      for (const known of [kept, new Map()]) {
        const appliance = new MemoryMetadata(anchor);
        for (const [name, bytes] of known) appliance.kept.set(name, bytes);
        t.is(
          (await walkMetadata(appliance, again.file, clock.nowMs())).length,
          1,
          `${role}, ${written.slice(0, count).join(" ")}`,
        );
      }
      // And it can publish.
      await again.publish("2");
    }
  }
});

/** Files of a repository that another one does not have, or has otherwise. */
async function newFiles(before: string, after: string): Promise<string[]> {
  const files: string[] = [];
  for (const folder of ["keys", "metadata"])
    for (const name of await readdir(join(after, folder))) {
      const old = await readFile(join(before, folder, name)).catch(() => null);
      if (!old?.equals(await readFile(join(after, folder, name)))) files.push(join(folder, name));
    }
  return files;
}

const placeInOrder = (name: string) =>
  [/^keys/, /root\.json$/, /targets\.json$/, /snapshot\.json$/, /timestamp\.json$/].findIndex(
    (kind) => kind.test(name),
  );

test("a root that the keys known so far did not sign is refused, and one that leaves a version out", async (t) => {
  const { walk, refused, repository, fork, clock } = await setUp(t);
  const stranger = await TestRepository.make(clock);
  t.teardown(() => stranger.remove());
  await stranger.repository.replaceKey("root");
  await refused("update-not-trusted", repository, {
    "2.root.json": await stranger.file("2.root.json"),
  });
  const other = await fork();
  await other.repository.replaceKey("timestamp");
  await other.repository.replaceKey("timestamp");
  await refused("update-rolled-back", repository, {
    "2.root.json": await other.file("3.root.json"),
  });
  // Signed by the new key alone: a root that vouches for itself.
  await other.repository.replaceKey("root");
  const alone = changed(await other.file("4.root.json"), (metadata) => metadata.signatures.pop());
  t.deepEqual(
    await walk(other, {
      "4.root.json": null,
      "timestamp.json": await other.file("timestamp.json"),
    }),
    ["core 1"],
  );
  await refused("update-not-trusted", other, { "4.root.json": alone });
});

test("lists that other keys signed are refused", async (t) => {
  const { refused, clock, repository } = await setUp(t);
  const stranger = await TestRepository.make(clock);
  t.teardown(() => stranger.remove());
  await stranger.publish("evil");
  await refused("update-not-trusted", repository, {
    "timestamp.json": await stranger.file("timestamp.json"),
  });
  // Its own timestamp names the right snapshot, so that it is the snapshot's keys that decide.
  const altered = changed(await repository.file("2.targets.json"), ({ signed }) =>
    Object.assign(signed, { version: 2, targets: {} }),
  );
  await refused("update-mixed", repository, { "2.targets.json": altered });
});

test("rollback: an older timestamp, an older snapshot and older targets are refused, and what is known stays", async (t) => {
  const { walk, refused, repository, store, fork, clock } = await setUp(t);
  const old = await fork();
  await repository.publish("2");
  await walk();
  const before = await refused("update-rolled-back", old);
  t.deepEqual(store.kept, before, "nothing of it is kept");

  // An attacker with the platform's keys for timestamps and snapshots can give these any number.
  for (let week = 0; week < 30; week++) {
    await clock.advance(2 * day);
    await old.repository.renew();
  }
  const { version } = JSON.parse(String(await old.file("timestamp.json"))).signed;
  t.true(version > 20);
  await refused("update-rolled-back", old);
  t.is(
    JSON.parse(String(store.kept.get("targets"))).signed.version,
    3,
    "the newer targets stay known",
  );
  // The great numbers of the stolen keys go with the keys.
  for (const role of ["timestamp", "snapshot"] as const)
    await repository.repository.replaceKey(role);
  t.deepEqual(await walk(), ["core 1", "core 2"]);
});

test("freeze: a list that was good once is refused when it has run out, by the platform's time", async (t) => {
  const { walk, refused, clock, repository, fork } = await setUp(t);
  await walk();
  const frozen = await fork();
  await clock.advance(2.9 * day);
  t.deepEqual(await walk(frozen), ["core 1"]);
  await clock.advance(0.2 * day);
  await refused("update-expired", frozen);
  await repository.repository.renew();
  t.deepEqual(await walk(), ["core 1"]);
  await clock.advance(800 * day);
  const error = await t.throwsAsync(walk(), { instanceOf: OutriderError });
  t.regex(error.message, /root was good until/);
});

test("mix and match: parts of two histories of the same versions are refused", async (t) => {
  const { walk, refused, repository, fork } = await setUp(t);
  await walk();
  const other = await fork();
  await repository.publish("2");
  await other.publish("2", Buffer.from("another"));
  await refused("update-mixed", repository, {
    "3.snapshot.json": await other.file("3.snapshot.json"),
  });
  await refused("update-mixed", repository, {
    "3.targets.json": await other.file("3.targets.json"),
  });
  await refused("update-mixed", repository, { "3.targets.json": null });
  t.deepEqual(await walk(), ["core 1", "core 2"]);
});

test("a timestamp key that was stolen and replaced leaves no number behind that nothing can be above", async (t) => {
  const { walk, repository, fork, clock, refused } = await setUp(t);
  await walk();
  const thief = await fork();
  for (let turn = 0; turn < 5; turn++) {
    await clock.advance(2 * day);
    await thief.repository.renew();
  }
  await walk(thief);
  await repository.repository.renew();
  await refused("update-rolled-back", repository);
  await repository.repository.replaceKey("timestamp");
  await repository.repository.replaceKey("snapshot");
  t.deepEqual(await walk(), ["core 1"]);
});

test("stored lists that a power cut or the disk damaged are read again", async (t) => {
  const { walk, store, repository } = await setUp(t);
  await repository.repository.replaceKey("snapshot");
  await walk();
  const whole = new Map(store.kept);
  for (const role of ["timestamp", "snapshot", "targets"] as const)
    for (const damage of [
      (bytes: Buffer) => bytes.subarray(0, bytes.length / 2),
      (bytes: Buffer) => Buffer.alloc(bytes.length),
      flipped,
    ]) {
      store.kept.set(role, damage(Buffer.from(whole.get(role) ?? [])));
      t.deepEqual(await walk(), ["core 1"], role);
      t.deepEqual(
        Object.fromEntries([...store.kept].sort()),
        Object.fromEntries([...whole].sort()),
        role,
      );
    }
  t.false(isRoot(flipped(Buffer.from(whole.get("root") ?? []))));
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

test("no metadata of any form does more than be refused", async (t) => {
  const { repository } = await setUp(t);
  const root = Buffer.from(repository.repository.rootText);
  const whole = await repository.file("timestamp.json");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.constantFrom("null", "[]", '{"signed":{"_type":"timestamp"}}'),
      ),
      (text) => {
        const trusted = new TrustedMetadata(root, 0);
        for (const update of [
          () => trusted.updateRoot(Buffer.from(text)),
          () => trusted.updateTimestamp(Buffer.from(text)),
        ])
          t.true(t.throws(update, { instanceOf: OutriderError }).code.startsWith("update-"));
      },
    ),
  );
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, mask) => {
      const bytes = Buffer.from(whole ?? []);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ mask;
      try {
        new TrustedMetadata(root, 0).updateTimestamp(bytes);
        // Only the layout of the JSON may differ, which is not signed.
        t.deepEqual(JSON.parse(String(bytes)).signed, JSON.parse(String(whole)).signed);
      } catch (error) {
        t.true(error instanceof OutriderError, String(error));
      }
    }),
  );
});
