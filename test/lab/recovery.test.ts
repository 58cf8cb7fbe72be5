import {
  eventually,
  labTest,
  openBootedLab,
  openEnrolledLab,
  type TestLab,
} from "../testkit/lab/lab.ts";

const file = "/data/outrider/settings/appliance.yaml";
const outrider = (lab: TestLab, args: readonly string[], input = "") =>
  lab.appliance.exec(["outrider", ...args], { input, mayFail: true, timeoutMs: 150_000 });
/** Waits for configd, which may be a moment behind systemd's word that everything was started. */
async function statusOf(lab: TestLab) {
  await eventually("configd answers", async () => (await outrider(lab, ["status"])).exitCode === 0);
  return JSON.parse((await outrider(lab, ["status", "--json"])).stdout);
}

async function addressOf({ appliance }: TestLab): Promise<string> {
  const { stdout } = await appliance.exec(["ip", "-br", "-4", "address", "show", "dev", "eth0"]);
  return stdout.trim().split(/\s+/).slice(2).join(" ");
}

const leased = async (lab: TestLab) => /^192\.0\.2\.1\d\d\/24/.test(await addressOf(lab));

async function restart({ appliance }: TestLab): Promise<void> {
  await appliance.kill9();
  await appliance.start();
  await appliance.booted();
}

/** The files that a factory reset has to remove, each with the SHA-256 of its content. */
async function ownFiles({ appliance }: TestLab): Promise<{ path: string; sum: string }[]> {
  const { stdout } = await appliance.exec([
    "sh",
    "-c",
    "cd /data/outrider; for each in secrets identity spool scan settings factory-reset; do [ -e $each ] && find $each -type f -size +0 -exec sha256sum {} +; done; true",
  ]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ sum: line.slice(0, 64), path: line.slice(66) }));
}

labTest(
  "a start with a half-written, an empty or no settings file: the last good settings are active, and the status says why",
  async (t) => {
    t.timeout(400_000);
    const lab = await openBootedLab(t, { platform: false, targets: false });
    await eventually("the lease is there", () => leased(lab), 60_000);
    t.is(
      (
        await outrider(lab, [
          "network",
          "set",
          "--address",
          "192.0.2.50/24",
          "--gateway",
          "192.0.2.1",
          "--dns",
          "192.0.2.1",
        ])
      ).exitCode,
      0,
    );
    for (const damage of [
      `head -c 200 ${file} >${file}.x; mv ${file}.x ${file}`,
      `: >${file}`,
      `rm ${file}`,
    ]) {
      await lab.appliance.exec(["sh", "-c", damage]);
      await restart(lab);
      await eventually(
        `the last good address after ${damage}`,
        async () => (await addressOf(lab)) === "192.0.2.50/24",
      );
      const { settingsSource, settingsFailure } = await statusOf(lab);
      t.is(settingsSource, "last-good", damage);
      t.is(settingsFailure.code, "settings-unreadable");
    }
    // Saved again, the file is whole.
    t.is((await outrider(lab, ["system", "set", "--hostname", "repaired"])).exitCode, 0);
    t.is((await statusOf(lab)).settingsSource, "file");

    await lab.appliance.exec([
      "sh",
      "-c",
      `echo '\\0\\0' >${file}; rm -r /data/outrider/settings/history`,
    ]);
    await restart(lab);
    await eventually("with nothing that can be read it is DHCP", () => leased(lab));
    t.is((await statusOf(lab)).settingsSource, "defaults");
  },
);

labTest("a start without a netplan that works gets an address by DHCP", async (t) => {
  t.timeout(300_000);
  const lab = await openBootedLab(t, { platform: false, targets: false });
  await eventually("the lease is there", () => leased(lab), 60_000);
  t.is(
    (
      await outrider(lab, [
        "network",
        "set",
        "--address",
        "192.0.2.50/24",
        "--gateway",
        "192.0.2.1",
        "--dns",
        "192.0.2.1",
      ])
    ).exitCode,
    0,
  );
  // The root is the same at each start: a link to nowhere in place of the program, by a unit that
  // runs first.
  await lab.appliance.exec([
    "sh",
    "-c",
    "mkdir -p /data/break; printf '#!/bin/sh\\nexit 127\\n' >/data/break/generate; chmod 755 /data/break/generate",
  ]);
  await lab.appliance.exec([
    "sh",
    "-c",
    "mount --bind /data/break/generate /usr/libexec/netplan/generate && systemctl restart outrider-boot.service",
  ]);
  await lab.appliance.exec([
    "systemctl",
    "restart",
    "outrider-configd.service",
    "systemd-networkd.service",
  ]);
  await eventually("the lease is there", () => leased(lab), 60_000);
  const { settingsFailure } = await statusOf(lab);
  t.is(settingsFailure.code, "system-failed");
  t.regex(settingsFailure.detail, /netplan/);
  await restart(lab);
  await eventually(
    "with a netplan that works, the kept address",
    async () => (await addressOf(lab)) === "192.0.2.50/24",
  );
});

labTest(
  "a network reset gets a locked-out appliance back, and it is still the platform's",
  async (t) => {
    t.timeout(400_000);
    const lab = await openEnrolledLab(t, { targets: false });
    const { operator, applianceId } = lab;
    await operator.setInterval(30);
    t.is(
      (
        await outrider(lab, [
          "network",
          "try",
          "--address",
          "192.0.2.50/24",
          "--gateway",
          "192.0.2.254",
          "--dns",
          "192.0.2.254",
        ])
      ).exitCode,
      5,
    );
    t.is((await outrider(lab, ["network", "keep"])).exitCode, 0);
    t.is((await outrider(lab, ["reset", "network"], "no\n")).exitCode, 2);
    t.is(await addressOf(lab), "192.0.2.50/24");

    const since = Date.now();
    const { exitCode, stdout } = await outrider(lab, ["reset", "network"], "yes\n");
    t.is(exitCode, 0, stdout);
    t.regex(stdout, /platform and the appliance's identity stay/);
    await eventually("the lease is back", () => leased(lab));
    await eventually(
      "it calls home as the same appliance",
      async () => ((await operator.appliance(applianceId)).heartbeatAt ?? 0) > since,
      90_000,
    );
  },
);

labTest(
  "a factory reset leaves nothing of this appliance, also when the plug is pulled in the middle",
  async (t) => {
    t.timeout(400_000);
    const lab = await openEnrolledLab(t, { targets: false });
    const { appliance } = lab;
    const machineId = (await appliance.exec(["cat", "/etc/machine-id"])).stdout;
    t.is((await outrider(lab, ["reset", "factory", "--confirm", "another"])).exitCode, 1);
    // A setting that this appliance does not have now.
    await appliance.exec([
      "sh",
      "-c",
      "cd /data/outrider; for each in secrets spool scan; do echo $each >$each/left-by-a-test; done",
    ]);
    const before = await ownFiles(lab);
    for (const folder of ["secrets", "identity", "spool", "scan", "settings"])
      t.true(
        before.some(({ path }) => path.startsWith(`${folder}/`)),
        folder,
      );

    // As far as the mark, and then no further.
    await appliance.exec([
      "sh",
      "-c",
      "touch /data/outrider/factory-reset; rm -r /data/outrider/settings/*",
    ]);
    await restart(lab);
    await eventually("the lease is there", () => leased(lab), 60_000);
    // By content: configd and the agent, which run by now, may have written again, and the cards
    // are the same ones.
    const left = (await ownFiles(lab)).filter(
      ({ path, sum }) => path !== "settings/cards.json" && before.some((one) => one.sum === sum),
    );
    t.deepEqual(left, []);
    const status = await statusOf(lab);
    t.is(status.settings.platform.url, null);
    t.is(status.settingsFailure, null);
    t.is((await appliance.exec(["cat", "/etc/machine-id"])).stdout, machineId);
  },
);
