import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { asOutriderError, OutriderError } from "../../src/base/messages/error.ts";
import { Secrets } from "../../src/configd/kept/secrets.ts";
import { ConsoleLock } from "../../src/configd/verbs/console-lock.ts";
import { defaultHttpProxy, defaultSettings } from "../../src/settings/model/schema.ts";
import { HandClock, testAppliance } from "../testkit/configd/test-appliance.ts";

/** A sealing that fails on request. */
async function setUp(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), "outrider-secrets-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const faults: OutriderError[] = [];
  const secrets = new Secrets(folder, {
    seal: async (_name, secret) => Buffer.from(secret).reverse(),
    unseal: async (_name, sealed) => {
      const fault = faults.shift();
      if (fault) throw fault;
      return Buffer.from(sealed).reverse();
    },
  });
  const fail = (code: "system-failed", times: number) => {
    faults.splice(0);
    for (let time = 0; time < times; time++) faults.push(new OutriderError(code));
  };
  return { secrets, fail };
}

test("a secret that cannot be unsealed now is read again, and never counts as none", async (t) => {
  const { secrets, fail } = await setUp(t);
  t.is(await secrets.read("proxy-password"), null);
  await secrets.write("proxy-password", "s3cret");
  fail("system-failed", 1);
  t.is(await secrets.read("proxy-password"), "s3cret");
  fail("system-failed", 100);
  await t.throwsAsync(secrets.read("proxy-password"), { code: "system-failed" });
  t.true(await secrets.has("proxy-password"));
});

test("the console's lock does not open because its PIN cannot be unsealed", async (t) => {
  const { secrets, fail } = await setUp(t);
  const lock = new ConsoleLock(secrets, new HandClock());
  await lock.change(null, "2468");
  fail("system-failed", 100);
  await t.throwsAsync(lock.unlock("1111"), { code: "system-failed" });
  await t.throwsAsync(lock.change(null, null), { code: "system-failed" });
  fail("system-failed", 0);
  t.true((await lock.unlock("2468")).unlocked);
});

test("a change whose secrets cannot be read is reverted, and the revert is repeated until it succeeds", async (t) => {
  const appliance = await testAppliance(t);
  const { console, system, clock } = appliance;
  await appliance.start();
  const first = await console.call("try", { settings: defaultSettings, proxyPassword: "s3cret" });
  await console.call("keep", { id: first.id });
  const unseal = system.unseal.bind(system);
  system.unseal = () =>
    Promise.reject(new OutriderError("system-failed", { detail: "systemd-creds was killed" }));
  const error = await t.throwsAsync(
    console.call("try", { settings: { ...defaultSettings, hostname: "scanner-2" } }),
    { instanceOf: OutriderError },
  );
  t.is(error?.code, "trial-failed");
  t.true((await console.call("status", {})).secrets.proxyPassword);
  system.unseal = unseal;
  clock.advance(5000);
  const { settings, lastTrial } = await appliance.until(({ trial }) => trial === null);
  t.is(settings.hostname, defaultSettings.hostname);
  t.is(lastTrial?.end, "failed");
});

for (const [title, password] of [
  ["with a replaced character", "gr\ufffdn"],
  ["with a NUL", "a\0b"],
  ["with a line end", "secret\n"],
] as const)
  test(`a proxy password ${title} is refused by whatever way it comes`, async (t) => {
    const appliance = await testAppliance(t);
    await appliance.start();
    const proxy = { ...defaultHttpProxy, host: "proxy.example.org", user: "anna" };
    const settings = { ...defaultSettings, proxy: { ...proxy, authentication: "basic" as const } };
    const change = { settings, proxyPassword: password };
    const asked = [
      appliance.console.call("try", change),
      appliance.console.call("testTyped", { change, only: "network" }),
    ];
    for (const refused of await Promise.allSettled(asked)) {
      if (refused.status === "fulfilled") t.fail();
      else t.is(asOutriderError(refused.reason).code, "settings-invalid");
    }
    const { problems } = await appliance.console.call("review", change);
    t.deepEqual(
      problems.map(({ field }) => field),
      ["proxy.password"],
    );
    const { secrets, trial } = await appliance.console.call("status", {});
    t.false(secrets.proxyPassword);
    t.is(trial, null);
  });
