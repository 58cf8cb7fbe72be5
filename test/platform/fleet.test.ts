import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { silentLog } from "../../src/base/log.ts";
import { Fleet } from "../../src/platform/operator/fleet.ts";
import { readOptions } from "../../src/platform/options.ts";
import { Changes } from "../../src/platform/services/changes.ts";
import { ApplianceConfiguration } from "../../src/platform/services/configuration.ts";
import { platformAddresses } from "../../src/platform/services/directory.ts";
import { openStore } from "../../src/platform/store/open.ts";
import { amount, relativeTime } from "../../src/platform/web/browser/relative-time.ts";
import { fleetContent } from "../../src/platform/web/pages/fleet.ts";

/** A fleet of one appliance, enrolled at 0, over a real store and a clock that is moved by hand. */
const trust = { replyKeys: [], certificateAuthorities: "" };

async function fleetOfOne() {
  const folder = await mkdtemp(join(tmpdir(), "outrider-fleet-"));
  const store = await openStore(join(folder, "store.sqlite"));
  const addresses = platformAddresses(
    readOptions([
      "--data",
      folder,
      "--listen",
      "127.0.0.1:0",
      "--url",
      "https://platform.outrider.test",
    ]),
    443,
  );
  const time = { now: 0 };
  const clock = {
    nowMs: () => time.now,
    monotonicMs: () => time.now,
    sleep: async () => undefined,
  };
  const configuration = await ApplianceConfiguration.load(store, addresses, trust, clock);
  await store.codes.add({
    id: "code",
    name: "",
    activationKey: new Uint8Array(32),
    createdAt: 0,
    expiresAt: 1000,
    usedAt: null,
    applianceId: null,
    forApplianceId: null,
  });
  await store.codes.use(
    "code",
    {
      id: "a",
      name: "Berlin",
      hostname: "berlin",
      publicKey: "k",
      certificate: "",
      softwareVersion: "1",
    },
    0,
  );
  const fleet = new Fleet({ store, clock, configuration, changes: new Changes(), log: silentLog });
  const remove = async () => {
    await store.close();
    await rm(folder, { recursive: true });
  };
  return { fleet, store, configuration, clock, time, remove };
}

test("an appliance is silent after two intervals without contact, and no longer with the next contact", async (t) => {
  const { fleet, store, configuration, time, remove } = await fleetOfOne();
  t.teardown(remove);
  const state = async () => (await fleet.find("a")).state;
  t.is(await state(), "never");
  time.now = 360_000;
  t.is(await state(), "never", "two intervals to the millisecond");
  time.now = 360_001;
  t.is(await state(), "silent");
  await store.appliances.contact("a", "nonce", time.now, time.now, null, null);
  t.is(await state(), "never", "heard, but no heartbeat");
  await configuration.setInterval(30);
  time.now += 60_001;
  t.is(await state(), "silent", "a shorter interval counts at once");
});

test("the page names the silent ones in words, before the others", async (t) => {
  const { fleet, time, remove } = await fleetOfOne();
  t.teardown(remove);
  time.now = 7_400_000;
  const silent = await fleet.find("a");
  const online = { ...silent, id: "b", name: "Aachen", state: "online" as const };
  const text = fleetContent([online, silent], time.now).text;
  t.regex(text, /2 appliances, 1 silent: Berlin/);
  t.regex(text, /class="chip bad">Silent</);
  t.regex(text, />2 hours ago</);
  t.true(text.indexOf("/appliances/a") < text.indexOf("/appliances/b"));
});

test("the configuration's version grows with each change of the configuration, and stays otherwise", async (t) => {
  const { store, configuration, clock, remove } = await fleetOfOne();
  t.teardown(remove);
  const addresses = (url: string) =>
    platformAddresses(readOptions(["--data", "x", "--listen", "127.0.0.1:0", "--url", url]), 443);
  const same = await ApplianceConfiguration.load(
    store,
    addresses("https://platform.outrider.test"),
    trust,
    clock,
  );
  t.is(same.current.version, configuration.current.version);
  const moved = await ApplianceConfiguration.load(
    store,
    addresses("https://elsewhere.outrider.test"),
    trust,
    clock,
  );
  t.is(moved.current.version, configuration.current.version + 1);
  await moved.setInterval(moved.current.intervalSeconds);
  t.is(moved.current.version, configuration.current.version + 1);
  t.is(moved.leaseMs, 15 * 60_000);
  await moved.setInterval(3600);
  t.is(moved.leaseMs, 3 * 3_600_000, "a lease outlives the calls that renew it");
});

test("ages are in the largest unit that gives at least two", (t) => {
  t.deepEqual(
    [0, 4, 5, 119, 120, 7199, 7200, 172_799, 172_800].map((seconds) =>
      relativeTime(0, seconds * 1000),
    ),
    [
      "just now",
      "just now",
      "5 seconds ago",
      "119 seconds ago",
      "2 minutes ago",
      "119 minutes ago",
      "2 hours ago",
      "47 hours ago",
      "2 days ago",
    ],
  );
  t.is(relativeTime(60_000, 0), "in 60 seconds");
  t.is(amount(1), "1 second");
});
