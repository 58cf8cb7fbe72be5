import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { observation, type TestAppliance } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

async function withAppliance(): Promise<{
  platform: TestPlatform;
  appliance: TestAppliance;
  again: () => Promise<void>;
}> {
  const platform = await startPlatform();
  const appliance = await enrolAt(platform, { name: "Kept" });
  const again = async () => {
    await platform.restart();
    appliance.dispatcher = platform.dispatcher;
  };
  return { platform, appliance, again };
}

test("killed between uploads and started again, everything that was acknowledged is there once", async (t) => {
  const { platform, appliance, again } = await withAppliance();
  t.teardown(() => platform.remove());
  const scan = await platform.api.startScan({
    applianceId: appliance.id,
    targets: ["192.0.2.0/24"],
  });
  await appliance.jobs();
  const job = { id: scan.id, attempt: 1 };
  await appliance.acknowledge(job);
  const digests: string[] = [];
  for (let number = 0; number < 6; number++) {
    digests.push(
      (await appliance.upload(job, number, [observation(`192.0.2.${number}`, [22, 80])])).sha256,
    );
    // Killed right after the receipt, which promises that the part is stored.
    if (number === 1 || number === 4) {
      await platform.kill9();
      await again();
    }
  }
  // The appliance, not knowing which of them arrived, sends the last two again.
  const repeated = await Promise.all(
    [4, 5].map((number) =>
      appliance.upload(job, number, [observation(`192.0.2.${number}`, [22, 80])]),
    ),
  );
  t.deepEqual(
    repeated.map((receipt) => receipt.sha256),
    digests.slice(4),
  );
  await appliance.complete(job, digests);
  await platform.kill9();
  await again();
  t.like(await platform.api.scan(scan.id), { state: "completed", hostCount: 6, openPortCount: 12 });
  t.deepEqual(
    (await platform.api.results(scan.id)).map(({ address }) => address),
    ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"],
  );
});

test("killed while uploads are on their way, no receipt is a lie", async (t) => {
  const { platform, appliance, again } = await withAppliance();
  t.teardown(() => platform.remove());
  const { id } = await platform.api.startScan({
    applianceId: appliance.id,
    targets: ["192.0.2.0/24"],
  });
  await appliance.jobs();
  const job = { id, attempt: 1 };
  const receipts = new Set<number>();
  const uploads = Array.from({ length: 20 }, async (_, number) => {
    const receipt = await appliance.upload(job, number, [observation(`192.0.2.${number}`)]);
    receipts.add(receipt.number);
    if (receipts.size === 5) await platform.kill9();
  });
  await Promise.allSettled(uploads);
  await again();
  const kept = new Set((await appliance.parts(job)).parts.map(({ number }) => number));
  t.true(receipts.size >= 5);
  t.deepEqual(
    [...receipts].filter((number) => !kept.has(number)),
    [],
  );
  t.is((await platform.api.scan(id)).hostCount, kept.size);
});

test("a request that was answered before a kill is still a replay after it", async (t) => {
  const { platform, appliance, again } = await withAppliance();
  t.teardown(() => platform.remove());
  const same = { nonce: "abcdefghijklmnopqrstuv", createdMs: Date.now() };
  const content = appliance.heartbeat();
  t.is((await appliance.call("health", "POST", "/heartbeats", content, same)).status, 200);
  await platform.kill9();
  await again();
  const replayed = await appliance.call("health", "POST", "/heartbeats", content, same);
  t.is(replayed.status, 401);
  t.like(replayed.body, { error: { code: "signature-replayed" } });
});

test("keys, certificate, codes, settings and appliances survive; the appliance needs nothing new", async (t) => {
  const { platform, appliance, again } = await withAppliance();
  t.teardown(() => platform.remove());
  await platform.api.changeSettings({ intervalSeconds: 240 });
  const { code } = await platform.api.makeCode("Later");
  const before = {
    about: await platform.api.about(),
    token: platform.operatorToken,
    certificate: await readFile(join(platform.dataFolder, "server-certificate.json"), "utf8"),
  };
  const { versions } = await appliance.beat();
  await platform.kill9();
  await again();
  t.deepEqual(await platform.api.about(), before.about);
  t.is(platform.operatorToken, before.token);
  t.is(
    await readFile(join(platform.dataFolder, "server-certificate.json"), "utf8"),
    before.certificate,
  );
  t.deepEqual(await platform.api.settings(), { intervalSeconds: 240 });
  t.deepEqual((await appliance.beat()).versions, versions);
  t.is((await enrolAt(platform, { code })).enrolment.applianceName, "Later");
  t.is((await platform.api.appliances()).length, 2);
});

test("keys, token and database are readable by their owner only", async (t) => {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  for (const name of [
    "certificate-authority.json",
    "server-certificate.json",
    "reply-keys.json",
    "operator-token",
    "platform.sqlite",
  ]) {
    t.is((await stat(join(platform.dataFolder, name))).mode & 0o077, 0, name);
  }
});

test("started with other names, the platform makes a new server certificate with the same authority", async (t) => {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  const fingerprint = (await platform.api.about()).certificateAuthority.fingerprint;
  const certificate = await readFile(join(platform.dataFolder, "server-certificate.json"), "utf8");
  await platform.stop();
  const renamed = await startPlatform({
    dataFolder: platform.dataFolder,
    arguments: [
      "--service",
      "results=https://results.outrider.test",
      "--ip-range",
      "198.51.100.0/24",
    ],
  });
  t.teardown(() => renamed.remove());
  const about = await renamed.api.about();
  t.is(about.certificateAuthority.fingerprint, fingerprint);
  t.not(await readFile(join(platform.dataFolder, "server-certificate.json"), "utf8"), certificate);
  t.is(about.directory.services.results, "https://results.outrider.test/results/v1");
  t.deepEqual(about.directory.ipRanges, ["198.51.100.0/24"]);
});
