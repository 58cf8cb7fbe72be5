import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import { loadKeys } from "../../src/platform/certificates/stored-keys.ts";
import { readOptions } from "../../src/platform/options.ts";
import { ApplianceConfiguration } from "../../src/platform/services/configuration.ts";
import { platformAddresses } from "../../src/platform/services/directory.ts";
import { KeyRolls, trustIn } from "../../src/platform/services/key-rolls.ts";
import { openStore } from "../../src/platform/store/open.ts";
import { successorsOf } from "../../src/protocol/signature/succession.ts";
import { FakeClock } from "../testkit/clock.ts";
import { keysCommand } from "../testkit/platform/keys.ts";
import { startPlatform } from "../testkit/platform/platform.ts";
import { enrolInStore, exampleBeat } from "../testkit/platform/store-appliance.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);

async function makeFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-keys-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The platform's keys over a store, without a server. */
async function keysIn(t: ExecutionContext, folder: string, nowMs = start) {
  const clock = new FakeClock(nowMs);
  const store = await openStore(join(folder, "platform.sqlite"));
  t.teardown(() => store.close());
  const keys = await loadKeys(folder, "Test", clock, systemRandom);
  const addresses = platformAddresses(
    readOptions(["--data", folder, "--listen", "127.0.0.1:0", "--url", "https://p.example"]),
    443,
  );
  const configuration = await ApplianceConfiguration.load(store, addresses, trustIn(keys), clock);
  const at = (wallMs: number) => {
    clock.wallOffsetMs = wallMs - clock.monotonicMs();
  };
  const served: string[] = [];
  const rolls = new KeyRolls(
    { ...keys, appliances: store.appliances, clock, log: silentLog },
    configuration,
    async () => {
      served.push(keys.authorities.present.id);
    },
  );
  await rolls.start();
  let sequence = 0;
  const beat = (id: string, change: object) =>
    store.appliances.heartbeat(
      id,
      { ...exampleBeat, sequence: sequence++, ...change },
      { from: null, atMs: clock.nowMs(), signedMs: clock.nowMs() },
      { nowMs: clock.nowMs(), untilMs: clock.nowMs() },
    );
  return { ...keys, at, store, configuration, rolls, served, beat };
}

test("the next key waits for every appliance, and for its term at most", async (t) => {
  const { rolls, store, at, beat } = await keysIn(t, await makeFolder(t));
  const [told, silent] = [await enrolInStore(store), await enrolInStore(store)];
  const before = rolls.kind("reply").present.id;
  await rolls.roll("reply", 10);
  const next = rolls.kind("reply").next?.id ?? "";
  await beat(told, { trusts: { replyKeys: [before, next], authorities: [] } });
  await rolls.start();
  t.is(rolls.kind("reply").present.id, before);
  at(start + 10 * dayMs - 1);
  await rolls.start();
  t.is(rolls.kind("reply").present.id, before, "one has not heard, and the term is not over");
  await beat(silent, { trusts: { replyKeys: [next], authorities: [] } });
  await rolls.start();
  t.is(rolls.kind("reply").present.id, next, "all have heard");
  await rolls.roll("reply", 10);
  at(start + 21 * dayMs);
  await rolls.start();
  t.not(rolls.kind("reply").present.id, next, "the term is over");
});

test("an appliance of version 0.2 has heard of a reply key when it has the configuration that brings it", async (t) => {
  const { rolls, store, configuration, beat } = await keysIn(t, await makeFolder(t));
  const id = await enrolInStore(store);
  await rolls.roll("reply");
  const next = rolls.kind("reply").next?.id ?? "";
  const version = configuration.current.version;
  await beat(id, { configurationVersion: version - 1 });
  await rolls.start();
  t.not(rolls.kind("reply").present.id, next);
  await beat(id, { configurationVersion: version });
  await rolls.start();
  t.is(rolls.kind("reply").present.id, next);
});

test("a reply key is rolled by itself after two years, an authority with a third of its life left", async (t) => {
  const folder = await makeFolder(t);
  const { rolls, at, replyKeys, served } = await keysIn(t, folder);
  const [first] = replyKeys.listed;
  const authority = rolls.kind("authority").present.id;
  at(start + 729 * dayMs);
  await rolls.start();
  t.is(rolls.kind("reply").present.id, first?.keyId ?? "");
  at(start + 732 * dayMs);
  await rolls.start();
  const [second] = replyKeys.listed;
  t.not(second?.keyId ?? "", first?.keyId ?? "", "without appliances it is used at once");
  t.is(rolls.kind("authority").present.id, authority);
  at(start + 3652 * dayMs * 0.67);
  await rolls.start();
  t.not(rolls.kind("authority").present.id, authority);
  t.is(served.at(-1) ?? "", rolls.kind("authority").present.id);
});

test("an appliance that calls two years after the last roll still follows, and after four none does", async (t) => {
  const { rolls, at, replyKeys } = await keysIn(t, await makeFolder(t));
  const [first] = replyKeys.listed;
  if (!first) return t.fail();
  at(start + 731 * dayMs);
  await rolls.start();
  const followers = (days: number) =>
    successorsOf([first], replyKeys.successions.successions, start + days * dayMs).length;
  t.is(followers(731 + 729), 1);
  t.is(followers(4 * 366), 0);
});

test("a stolen key vouches for nothing: no succession leads on from it, also from an earlier one", async (t) => {
  const { rolls, replyKeys } = await keysIn(t, await makeFolder(t));
  const [first] = replyKeys.listed;
  await rolls.roll("reply");
  const [second] = replyKeys.listed;
  await rolls.roll("reply");
  t.is(replyKeys.successions.successions.length, 2);
  await rolls.replace("reply");
  const { successions, revoked } = replyKeys.successions;
  t.deepEqual(successions, []);
  t.true(revoked.every((id) => id !== first?.keyId && id !== replyKeys.listed[0]?.keyId));
  t.false(revoked.includes(second?.keyId ?? ""), "it was out of use already");
  t.is(revoked.length, 1);
});

test("keys of version 0.2 are taken over, and their file goes", async (t) => {
  const folder = await makeFolder(t);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  await writeFile(
    join(folder, "reply-key.pem"),
    privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  );
  const { replyKeys } = await keysIn(t, folder);
  t.deepEqual(
    (await readdir(folder)).filter((name) => name.endsWith(".pem")),
    [],
  );
  const again = await loadKeys(folder, "Test", new FakeClock(start + 1), systemRandom);
  t.deepEqual(again.replyKeys.listed, replyKeys.listed);
  t.true((await readFile(join(folder, "reply-keys.json"), "utf8")).includes("PRIVATE KEY"));
});

test("a damaged file of keys ends the start: no other key takes the place of those that appliances know", async (t) => {
  for (const name of ["reply-keys.json", "certificate-authority.json"]) {
    const folder = await makeFolder(t);
    await writeFile(join(folder, name), "{}");
    await t.throwsAsync(loadKeys(folder, "Test", new FakeClock(start), systemRandom), {
      message: /damaged: put it back from a backup/,
    });
    t.is(await readFile(join(folder, name), "utf8"), "{}");
  }
});

test("the command says what was typed wrong, and where no platform runs", async (t) => {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  for (const words of [
    ["roll"],
    ["roll", "all"],
    ["roll", "reply", "--term", "0"],
    ["list", "--now"],
  ])
    t.like(await keysCommand(platform, ...words), { exitCode: 2, output: "" }, words.join(" "));
  const { exitCode, output } = await keysCommand(platform, "roll", "reply", "--term", "7");
  t.is(exitCode, 0);
  t.regex(output, /in use since/, "no appliance has to hear of it");
  await platform.stop();
  const stopped = await keysCommand(platform, "list");
  t.is(stopped.exitCode, 1);
  t.regex(stopped.error, /does not answer .*start it, and repeat the command/);
});

test("what was rolled stands in the journal, by name", async (t) => {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  await platform.api.rollKey("reply");
  await platform.api.rollKey("reply", { now: true });
  t.deepEqual(
    (await platform.api.journal()).map(({ what, subject, outcome }) => [what, subject, outcome]),
    [
      ["platform-key-replaced", "reply", "done"],
      ["platform-key-rolled", "reply", "done"],
    ],
  );
});
