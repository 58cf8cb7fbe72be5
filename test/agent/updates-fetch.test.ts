import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { grownPieceBytes, shrunkPieceBytes } from "../../src/agent/updates/fetch-target.ts";
import {
  contentBudgetBytes,
  makeRoom,
  newestOfEach,
  type Target,
} from "../../src/agent/updates/wanted.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { setUpUpdates } from "../testkit/agent/updates.ts";
import { TestRepository } from "../testkit/platform/content.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const gigabyte = 2 ** 30;

test("published targets are fetched, verified, and listed in the index", async (t) => {
  const { repository, folder, state, start, fetched, index } = await setUpUpdates(t);
  const pack = randomBytes(700_000);
  const system = randomBytes(900_000);
  await repository.publish("1", pack);
  await repository.publish("13.1", system, "system", "software");
  start().updates.walk();
  await fetched("core 1", "system 13.1");
  t.deepEqual(
    (await index()).map(({ kind, name, version }: Target) => `${kind} ${name} ${version}`),
    ["signatures core 1", "software system 13.1"],
  );
  t.true(pack.equals(await readFile(join(folder, "targets", sha256(pack)))));
  t.true(system.equals(await readFile(join(folder, "targets", sha256(system)))));
  t.truthy(state.check.at);
  t.true(state.seen.indexOf("core 1 known 0") < state.seen.indexOf("core 1 fetching 262144"));
  t.true(state.seen.includes("core 1 fetched 700000"));
});

test("an agent that was away while all keys were replaced, the root's twice, follows root by root and fetches what is new", async (t) => {
  const { repository, folder, state, start, fetched } = await setUpUpdates(t);
  const enrolled = repository.repository.rootText;
  await repository.publish("1", randomBytes(1000));
  const before = start(enrolled);
  before.updates.walk();
  await fetched("core 1");
  before.stop.abort();
  await before.ended;
  const replaced = ["root", "targets", "snapshot", "timestamp", "root"] as const;
  for (const role of replaced) await repository.repository.replaceKey(role);
  const file = randomBytes(2000);
  await repository.publish("2", file);

  state.asked.length = 0;
  start(enrolled).updates.walk();
  await fetched("core 1", "core 2");
  t.deepEqual(
    state.asked.filter((what) => what.includes("root")),
    [2, 3, 4, 5, 6, 7].map((version) => `metadata/${version}.root.json`),
  );
  t.is(
    JSON.parse(await readFile(join(folder, "metadata/root.json"), "utf8")).signed.version,
    1 + replaced.length,
  );
  t.true(file.equals(await readFile(join(folder, "targets", sha256(file)))));
});

test("the same version is not asked for again; of a newer one only the newest is fetched, and what is no longer listed is dropped", async (t) => {
  const { repository, folder, state, start, fetched, index } = await setUpUpdates(t);
  await repository.publish("1");
  const { updates } = start();
  updates.onVersion(repository.repository.version);
  await fetched("core 1");
  state.asked.length = 0;
  updates.onVersion(repository.repository.version);
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(state.asked, []);
  for (const version of ["2", "3", "4"]) await repository.publish(version);
  updates.onVersion(repository.repository.version);
  await fetched("core 4");
  t.deepEqual(await readdir(join(folder, "targets")), [sha256(Buffer.from("4"))]);
  await repository.publish("5");
  updates.onVersion(repository.repository.version);
  await fetched("core 5", "core 4");
  t.is((await index()).length, 2);
});

test("after a cut, and after kill -9, the rest is fetched and nothing twice", async (t) => {
  const { repository, folder, state, start, until, fetched } = await setUpUpdates(t);
  const file = randomBytes(3_000_000);
  await repository.publish("1", file);
  let cuts = 0;
  state.path = (what) =>
    what.startsWith("targets/") && !what.includes("from=0") && cuts++ < 3
      ? new OutriderError("connect-reset")
      : undefined;
  const first = start();
  first.updates.walk();
  await until((items) => items.some(({ received }) => received > 1_000_000));
  first.stop.abort();
  await first.ended.catch(() => undefined);
  const { length: size } = await readFile(join(folder, "targets", `${sha256(file)}.part`));
  t.true(size >= 1_000_000);
  state.asked.length = 0;
  start().updates.walk();
  await fetched("core 1");
  const [firstPiece] = state.asked.filter((what) => what.startsWith("targets/"));
  t.true(firstPiece?.includes(`from=${size}&`), firstPiece);
  t.true(file.equals(await readFile(join(folder, "targets", sha256(file)))));
});

test("pieces grow while they are quick and shrink when they fail", (t) => {
  t.is(grownPieceBytes(262_144, 100), 524_288);
  t.is(grownPieceBytes(4 * 2 ** 20, 100), 4 * 2 ** 20);
  t.is(grownPieceBytes(262_144, 5000), 262_144);
  t.is(shrunkPieceBytes(262_144), 131_072);
  t.is(shrunkPieceBytes(65_536), 65_536);
});

test("a file that is not the signed one is refused with the reason, and nothing of it stays", async (t) => {
  const { repository, folder, state, start, until, fetched, index } = await setUpUpdates(t);
  await repository.publish("1", Buffer.from("right"));
  state.path = (what) => (what.startsWith("targets/") ? Buffer.from("wrong") : undefined);
  const { updates } = start();
  updates.walk();
  await until(([item]) => item?.state === "refused");
  t.like(state.items[0], { name: "core", state: "refused", code: "update-altered", received: 0 });
  t.deepEqual(await readdir(join(folder, "targets")), []);
  t.deepEqual(await index(), []);
  const asked = state.asked.length;
  updates.onVersion(repository.repository.version);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(state.asked.length, asked, "the same again would be the same again");
  state.path = () => undefined;
  updates.walk();
  await fetched("core 1");
});

test("a part that a power cut damaged is fetched once more from its start", async (t) => {
  const { repository, folder, start, fetched } = await setUpUpdates(t);
  const file = randomBytes(600_000);
  await repository.publish("1", file);
  const { updates } = start();
  await new Promise((resolve) => setImmediate(resolve));
  const { mkdir } = await import("node:fs/promises");
  await mkdir(join(folder, "targets"), { recursive: true });
  await writeFile(join(folder, "targets", `${sha256(file)}.part`), Buffer.alloc(400_000));
  updates.walk();
  await fetched("core 1");
  t.true(file.equals(await readFile(join(folder, "targets", sha256(file)))));
});

test("lists that do not verify are refused by name, what is here stays, and the way back needs nothing but a right list", async (t) => {
  const { repository, state, start, until, fetched, clock } = await setUpUpdates(t);
  await repository.publish("1");
  const { updates } = start();
  updates.walk();
  await fetched("core 1");
  const stranger = await TestRepository.make(clock);
  t.teardown(() => stranger.remove());
  await repository.publish("2");
  const evil = await stranger.file("timestamp.json");
  state.path = (what) => (what === "metadata/timestamp.json" ? (evil ?? undefined) : undefined);
  updates.onVersion(repository.repository.version);
  await until((items) => items.some(({ state: how }) => how === "refused"));
  t.like(state.check.failure, { code: "update-not-trusted" });
  t.deepEqual(
    state.items.map(
      ({ name, version, state: how, code }) => `${name} ${version} ${how} ${code ?? ""}`,
    ),
    ["core 1 fetched ", "core 2 refused update-not-trusted"],
  );
  state.path = () => undefined;
  updates.onVersion(repository.repository.version);
  await fetched("core 1", "core 2");
  t.is(state.check.failure, null);
});

test("an appliance without a root from its enrolment fetches nothing and shows why", async (t) => {
  const { repository, state, start, until } = await setUpUpdates(t);
  await repository.publish("1");
  start(null).updates.walk();
  await until((items) => items.length > 0);
  t.like(state.items[0], { state: "refused", code: "update-no-root" });
  t.deepEqual(state.asked, []);
});

test("after another enrolment the other platform's root counts, and its files are the only ones kept", async (t) => {
  const { repository, folder, start, fetched, clock, state } = await setUpUpdates(t);
  await repository.publish("1");
  const first = start();
  first.updates.walk();
  await fetched("core 1");
  first.stop.abort();
  const other = await TestRepository.make(clock);
  t.teardown(() => other.remove());
  await other.publish("another");
  const pieces = new Map([[sha256(Buffer.from("another")), Buffer.from("another")]]);
  const files = new Map<string, Buffer | null>();
  for (const name of ["timestamp.json", "2.snapshot.json", "2.targets.json"])
    files.set(`metadata/${name}`, await other.file(name));
  state.path = (what) => files.get(what) ?? pieces.get(/^targets\/(\w+)/.exec(what)?.[1] ?? "");
  start(other.repository.rootText).updates.walk();
  await fetched("core another");
  t.deepEqual(await readdir(join(folder, "targets")), [sha256(Buffer.from("another"))]);
});

test("without room nothing is fetched, and the missing bytes are shown; older versions make room first", async (t) => {
  const { repository, state, start, until, fetched } = await setUpUpdates(t);
  await repository.publish("1", randomBytes(1000));
  const { updates } = start();
  updates.walk();
  await fetched("core 1");
  state.freeBytes = 64 * 2 ** 20 + 100;
  await repository.publish("2", randomBytes(900));
  updates.walk();
  await fetched("core 2");
  await repository.publish("3", randomBytes(2000));
  state.freeBytes = 0;
  updates.walk();
  await until((items) => items.some(({ code }) => code === "storage-full"));
  t.like(
    state.items.find(({ version }) => version === "3"),
    { state: "refused", received: 0 },
  );
  t.true(
    state.items.some(({ version, state: how }) => version === "2" && how === "fetched"),
    "dropping it would not have been enough",
  );
});

const target = (
  name: string,
  sequence: number,
  length: number,
  kind: Target["kind"] = "signatures",
): Target => ({
  kind,
  name,
  sequence,
  length,
  version: String(sequence),
  summary: "",
  publishedAt: 1,
  sha256: sha256(Buffer.from(`${name}${sequence}`)),
});

test("of each name the one published last counts, whatever its version is called", (t) => {
  const targets = [
    target("a", 3, 10),
    target("a", 9, 10),
    target("b", 1, 5),
    target("system", 2, 1, "software"),
  ];
  t.deepEqual(
    newestOfEach(targets).map(({ name, sequence }) => [name, sequence]),
    [
      ["b", 1],
      ["a", 9],
      ["system", 2],
    ],
  );
});

test("content stays within its budget whatever the disk has", (t) => {
  const here = [target("a", 1, gigabyte), target("a", 2, gigabyte), target("b", 3, gigabyte)];
  const keep = new Set([here[1], here[2]].map((each) => each?.sha256 ?? ""));
  const room = makeRoom(target("c", 4, 1.5 * gigabyte), 0, here, keep, 100 * gigabyte, 0);
  t.deepEqual(room, { ok: true, drop: [target("a", 1, gigabyte)] });
  t.deepEqual(makeRoom(target("c", 4, contentBudgetBytes), 0, here, keep, 100 * gigabyte, 0), {
    ok: false,
    neededBytes: 2 * gigabyte,
  });
});
