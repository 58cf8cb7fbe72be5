import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import anyTest, { type TestFn } from "ava";
import { credentialText } from "../../src/base/credential.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";
import { ApplianceProcess, until } from "./appliance-process.ts";

const test = anyTest as TestFn<{ platform: TestPlatform }>;

test.before(async (t) => {
  t.context.platform = await startPlatform();
});
test.after.always(async (t) => {
  await t.context.platform?.remove();
});

const targets = [{ address: "192.0.2.10", ports: [{ number: 22, service: "ssh" }] }];

test("a revoked appliance suspends its work, shows the remedy, stays so after a restart, and returns with a new code under its old record", async (t) => {
  t.timeout(240_000);
  const { platform } = t.context;
  const { code } = await platform.api.makeCode("revoked");
  const appliance = await ApplianceProcess.create({ platformUrl: platform.url }, code, targets);
  t.teardown(() => appliance.remove());
  await writeFile(appliance.gate, "");
  appliance.start();
  const { applianceId } = await appliance.untilStatus(
    ({ state }) => state === "connected",
    "connected",
  );
  if (applianceId === null) return t.fail();
  await rm(join(appliance.root, "credentials/activation-code"));
  const scan = await platform.api.startScan({ applianceId, targets: ["192.0.2.0/28"] });
  await appliance.untilStatus(
    ({ jobs }) => jobs[0]?.state === "running" && jobs[0].percent >= 10,
    "the scan",
  );
  await platform.api.revoke(applianceId);
  process.kill(appliance.pid, "SIGUSR2");
  const refused = await appliance.untilStatus(
    ({ failure }) => failure?.code === "appliance-revoked",
    "the refusal",
  );
  t.is(refused.state, "failing");
  await until(
    async () => appliance.log.includes("work suspended"),
    () => `the end of its work; ${appliance.log}`,
  );
  t.regex(appliance.log, /make a new activation code/);
  const stored: unknown = JSON.parse(
    await readFile(join(appliance.root, "data/outrider/identity/identity.json"), "utf8"),
  );
  t.is(Reflect.get(Object(stored), "refused"), "appliance-revoked");
  await rm(appliance.gate);
  await appliance.kill9();
  appliance.log = "";
  appliance.start();
  const again = await appliance.untilStatus(
    ({ failure }) => failure?.code === "appliance-revoked",
    "the refusal after a restart",
  );
  t.is(again.jobs[0]?.state, "waiting", "a refused appliance scans nothing");
  const found = await platform.api.results(scan.id);
  t.true(
    found.every(({ ports }) => ports.length === 0),
    "what discovery had found, and no port",
  );
  await appliance.kill9();
  const renewed = await platform.api.codeFor(applianceId);
  await writeFile(
    join(appliance.root, "credentials/activation-code"),
    credentialText(renewed.code),
  );
  appliance.start();
  const back = await appliance.untilStatus(({ state }) => state === "connected", "connected again");
  t.is(back.applianceId, applianceId);
  const second = await platform.api.startScan({ applianceId, targets: ["192.0.2.10"] });
  await until(
    async () => (await platform.api.scan(second.id)).state === "completed" || null,
    () => `the scan of who came back; ${appliance.log}`,
  );
});
