import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { setUpUpdates } from "../testkit/agent/updates.ts";
import { PackConsumer } from "../testkit/updates/pack-consumer.ts";

test("content goes to the consumer of its kind once all of the kind is here; other kinds are only kept", async (t) => {
  const packs = await setUpUpdates(t);
  const consumer = new PackConsumer(packs.folder);
  await packs.repository.publish("1", Buffer.from("pack"));
  await packs.repository.publish("13.1", randomBytes(500), "system", "software");
  packs.start(undefined, [consumer]).updates.walk();
  await packs.fetched("core 1", "system 13.1");
  while ((await consumer.inUse()) === null) await new Promise((resolve) => setImmediate(resolve));
  t.is(await consumer.inUse(), "pack");
  const records = (await readdir(join(packs.folder, "consumers"))).filter((name) =>
    name.endsWith(".json"),
  );
  t.deepEqual(records, ["signatures.json"]);
  t.is((await readFile(join(packs.folder, "index.json"), "utf8")).match(/"sha256"/g)?.length, 2);
});

test("what its consumer refuses is shown as refused, with the reason; the next version is used", async (t) => {
  const { repository, folder, state, start, until, fetched } = await setUpUpdates(t);
  const consumer = new PackConsumer(folder);
  await repository.publish("1", Buffer.from("bad"));
  const { updates } = start(undefined, [consumer]);
  updates.walk();
  await until(([item]) => item?.state === "refused");
  t.like(state.items[0], {
    name: "core",
    state: "refused",
    received: 3,
    code: "update-altered",
    detail: "core is no JSON",
  });
  await repository.publish("2", Buffer.from("good"));
  updates.onVersion(repository.repository.version);
  await fetched("core 2", "core 1");
  while ((await consumer.inUse()) !== "good") await new Promise((resolve) => setImmediate(resolve));
  t.is(state.items.find(({ version }) => version === "1")?.state, "fetched");
});

test("without a consumer content is kept as it was fetched, and nothing is written beside it", async (t) => {
  const { repository, folder, start, fetched } = await setUpUpdates(t);
  await repository.publish("1", Buffer.from("bad"));
  start().updates.walk();
  await fetched("core 1");
  t.deepEqual((await readdir(folder)).sort(), ["index.json", "metadata", "targets"]);
});
