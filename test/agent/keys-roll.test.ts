import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { credentialText } from "../../src/base/credential.ts";
import { afterTheTerm, keysCommand, presentKey } from "../testkit/platform/keys.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";
import { seededFraction } from "../testkit/seeded.ts";
import { ApplianceProcess, until } from "./appliance-process.ts";

async function started(t: ExecutionContext): Promise<TestPlatform> {
  t.timeout(600_000);
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  return platform;
}

async function connectedAppliance(t: ExecutionContext, platform: TestPlatform, name = "Berlin") {
  const { code } = await platform.api.makeCode(name);
  const appliance = await ApplianceProcess.create({ platformUrl: platform.url }, code, []);
  t.teardown(() => appliance.remove());
  appliance.start();
  const { applianceId } = await appliance.untilStatus(
    ({ state }) => state === "connected",
    "connected",
  );
  if (applianceId === null) throw new Error("connected without an id");
  return { appliance, applianceId };
}

const identityOf = async (appliance: ApplianceProcess) =>
  JSON.parse(await readFile(join(appliance.root, "data/outrider/identity/identity.json"), "utf8"));
const knownReplyKeys = async (appliance: ApplianceProcess): Promise<string[]> =>
  (await identityOf(appliance)).configuration.replyKeys.map(
    ({ keyId }: { keyId: string }) => keyId,
  );
const knownAuthorities = async (appliance: ApplianceProcess): Promise<string> =>
  (await identityOf(appliance)).certificateAuthorities;

async function startAgain(
  appliance: ApplianceProcess,
  environment: Record<string, string> = {},
): Promise<void> {
  await appliance.kill9();
  await rm(join(appliance.root, "status.json"), { force: true });
  appliance.log = "";
  appliance.start(environment);
}

/** Has the appliances call home again and again until `check` holds. */
async function calling<T>(
  appliances: readonly ApplianceProcess[],
  check: () => Promise<T | null | undefined | false>,
  what: string,
): Promise<T> {
  let last = 0;
  return until(
    async () => {
      if (performance.now() - last > 300) {
        last = performance.now();
        // One that has just started calls by itself, and does not know the signal yet.
        for (const each of appliances)
          if (each.running && (await each.status())) process.kill(each.pid, "SIGUSR2");
      }
      return check();
    },
    () => `${what}; ${appliances.map(({ log }) => log).join("\n")}`,
  );
}

/** Until the appliance has called once more and the platform's answer was good. */
async function connects(appliance: ApplianceProcess, what: string): Promise<void> {
  const before = (await appliance.status())?.counters?.heartbeats ?? 0;
  await calling(
    [appliance],
    async () => {
      const status = await appliance.status();
      return status?.state === "connected" && (status.counters?.heartbeats ?? 0) !== before;
    },
    what,
  );
}

test("connected appliances hear of the next reply key and authority, which are used when all have", async (t) => {
  const platform = await started(t);
  const first = await connectedAppliance(t, platform);
  const second = await connectedAppliance(t, platform, "Bonn");
  const appliances = [first.appliance, second.appliance];
  for (const kind of ["reply", "authority"] as const) {
    const before = await presentKey(platform, kind);
    const { exitCode, output, error } = await keysCommand(platform, "roll", kind);
    t.is(exitCode, 0, error);
    t.regex(output, /announced on .*; used when all appliances know it, on .* at the latest/);
    t.regex(output, /known to 0 of 2 appliances/);
    t.is(await presentKey(platform, kind), before, "not used before they know it");
    const after = await calling(
      appliances,
      async () => {
        const present = await presentKey(platform, kind);
        return present === before ? null : present;
      },
      `the next ${kind} in use`,
    );
    await calling(
      appliances,
      async () => {
        const { keys } = await platform.api.keys();
        const present = keys.filter((key) => key.kind === kind);
        return present.length === 1 && present[0]?.id === after && present[0].known === 2;
      },
      "all know it",
    );
    for (const each of appliances) {
      await connects(each, `connected under the next ${kind}`);
      t.notRegex(each.log, /code=(?:reply-forged|tls-intercepted)/);
    }
  }
  await calling(
    appliances,
    async () => (await knownReplyKeys(first.appliance)).length === 1,
    "the earlier key dropped",
  );
  t.deepEqual(await knownReplyKeys(first.appliance), [await presentKey(platform, "reply")]);
  const { output } = await keysCommand(platform, "list");
  t.regex(output, /known to 2 of 2 appliances/);
  t.notRegex(output, /announced|stolen/);
});

for (const rolls of [1, 3])
  test(`an appliance that was away while both keys were rolled ${rolls === 1 ? "once" : "three times"} comes back by itself`, async (t) => {
    const platform = await started(t);
    const { appliance, applianceId } = await connectedAppliance(t, platform);
    await appliance.stop();
    const before = await presentKey(platform, "reply");
    for (let roll = 0; roll < rolls; roll++) {
      for (const kind of ["reply", "authority"] as const) await platform.api.rollKey(kind);
      await afterTheTerm(platform);
    }
    t.not(await presentKey(platform, "reply"), before);
    const { output } = await keysCommand(platform, "list");
    t.regex(output, /known to 0 of 1 appliances/);
    t.notRegex(output, /activated anew/, "it comes back");
    await startAgain(appliance);
    await connects(appliance, "connected again");
    t.deepEqual(await knownReplyKeys(appliance), [await presentKey(platform, "reply")]);
    t.is(await knownAuthorities(appliance), platform.certificateAuthority);
    await calling(
      [appliance],
      async () => (await platform.api.keys()).keys.every(({ known }) => known === 1),
      "the platform knows that it knows",
    );
    t.is((await platform.api.appliances()).length, 1);
    t.is((await platform.api.appliance(applianceId)).state, "online");
  });

for (const [what, aheadMs] of [
  ["200 days ahead", 200 * 86_400_000],
  ["20 hours behind", -20 * 3_600_000],
] as const)
  test(`an appliance whose clock is ${what} comes back over a roll too`, async (t) => {
    const platform = await started(t);
    const { appliance } = await connectedAppliance(t, platform);
    await appliance.stop();
    for (const kind of ["reply", "authority"] as const) await platform.api.rollKey(kind);
    await afterTheTerm(platform);
    await startAgain(appliance, { TEST_CLOCK_AHEAD_MS: String(aheadMs) });
    await connects(appliance, "connected again");
    t.deepEqual(await knownReplyKeys(appliance), [await presentKey(platform, "reply")]);
    const offset = (await appliance.status())?.clockOffsetMs ?? 0;
    t.true(Math.abs(offset + aheadMs) < 60_000, String(offset));
  });

test("a stolen authority is replaced at once, and appliances come back by themselves", async (t) => {
  const platform = await started(t);
  const { appliance } = await connectedAppliance(t, platform);
  const before = await knownAuthorities(appliance);
  const { output, error, exitCode } = await keysCommand(platform, "roll", "authority", "--now");
  t.is(exitCode, 0, error);
  t.regex(output, /No appliance has to be activated anew/);
  t.regex(output, /stolen, and of no use since/);
  await startAgain(appliance);
  await connects(appliance, "connected again");
  const after = await knownAuthorities(appliance);
  t.not(after, before);
  await platform.restart();
  t.is(after, platform.certificateAuthority, "the old one is not trusted any more");
});

test("a stolen reply key is replaced at once: what that costs is said by name, and a new code brings each appliance back", async (t) => {
  const platform = await started(t);
  const { appliance, applianceId } = await connectedAppliance(t, platform, "Branch 7");
  await platform.api.rollKey("reply");
  const { output, exitCode } = await keysCommand(platform, "roll", "reply", "--now");
  t.is(exitCode, 0);
  t.regex(output, /1 appliance must be activated anew/);
  t.true(output.includes(`Branch 7  ${applianceId}`));
  t.regex(output, /type the code at the appliance's console/);
  const failed = await calling(
    [appliance],
    async () => {
      const status = await appliance.status();
      return status?.state === "failing" ? status : null;
    },
    "the answer refused",
  );
  t.is(failed.failure?.code, "reply-forged");
  t.regex(failed.failure?.detail ?? "", /stolen and replaced.*new activation code/);
  await platform.kill9();
  await platform.restart();
  t.deepEqual(
    (await platform.api.keys()).lost.map(({ name }) => name),
    ["Branch 7"],
  );
  const { code } = await platform.api.codeFor(applianceId);
  await appliance.stop();
  await writeFile(join(appliance.root, "credentials/activation-code"), credentialText(code));
  await startAgain(appliance);
  await connects(appliance, "connected with the new code");
  t.deepEqual(await knownReplyKeys(appliance), [await presentKey(platform, "reply")]);
  t.deepEqual((await platform.api.keys()).lost, []);
  t.is((await platform.api.appliances()).length, 1);
});

test("kills of the platform in the middle of rolls, and of the appliance while it learns, lose nothing", async (t) => {
  const platform = await started(t);
  const { appliance, applianceId } = await connectedAppliance(t, platform);
  const fraction = seededFraction(13);
  for (let round = 0; round < 8; round++) {
    const kind = round % 2 === 0 ? "reply" : "authority";
    const asked = platform.api.rollKey(kind).catch(() => undefined);
    const kills = [
      new Promise((resolve) => setTimeout(resolve, fraction() * 60)).then(() => platform.kill9()),
    ];
    if (round % 3 !== 0) {
      process.kill(appliance.pid, "SIGUSR2");
      kills.push(
        new Promise((resolve) => setTimeout(resolve, fraction() * 60)).then(() =>
          appliance.kill9(),
        ),
      );
    }
    await Promise.all([asked, ...kills]);
    await platform.restart();
    if (!appliance.running) await startAgain(appliance);
    await connects(appliance, `connected after kill ${round}`);
  }
  await calling(
    [appliance],
    async () => {
      const { keys } = await platform.api.keys();
      return keys.length === 2 && keys.every(({ known }) => known === 1);
    },
    "every roll ended",
  );
  t.is((await platform.api.appliance(applianceId)).state, "online");
  t.deepEqual((await platform.api.keys()).lost, []);
});
