import {
  applyOnTrial,
  goHome,
  keepTrial,
  revertTrial,
  reviewStaticAddress,
  seen,
} from "../../image/lab/console-keys.ts";
import { defaultInterface } from "../../src/settings/model/schema.ts";
import { eventually, labTest, openEnrolledLab, type TestLab } from "../testkit/lab/lab.ts";

const wish = { address: "192.0.2.50/24", gateway: "192.0.2.1", dns: "192.0.2.1" };

async function addresses({ appliance }: TestLab): Promise<string> {
  const { stdout } = await appliance.exec(["ip", "-br", "-4", "address", "show", "dev", "eth0"]);
  return stdout.trim().split(/\s+/).slice(2).join(" ");
}

const byPlatform = (address: string, gateway: string) => ({
  kind: "network" as const,
  network: {
    why: "another subnet",
    network: {
      mode: "single" as const,
      lan: {
        ...defaultInterface,
        ipv4: { method: "static" as const, address, gateway },
        dns: { servers: [gateway], search: [] },
      },
    },
  },
});

const isLeased = (text: string) => /^192\.0\.2\.1\d\d\/24/.test(text);

labTest(
  "a static address typed at the console is reviewed, tried with a countdown, kept, and there after a restart",
  async (t) => {
    t.timeout(300_000);
    const lab = await openEnrolledLab(t, { targets: false });
    const { appliance, operator, applianceId } = lab;
    const screen = appliance.console;
    t.true(isLeased(await addresses(lab)));

    await reviewStaticAddress(screen, wish);
    const review = screen.screen().join("\n");
    t.regex(review, /->\s+192\.0\.2\.50\/24/);
    t.true(isLeased(await addresses(lab)), "the review changes nothing");

    await applyOnTrial(screen);
    t.is(await addresses(lab), wish.address);
    await seen(screen, "trial.adviceKeep");
    await keepTrial(screen);
    await goHome(screen);
    await screen.waitFor("192.0.2.50/24 (static)", { what: "the home screen shows the address" });
    const heard = async () =>
      (await operator.appliance(applianceId)).addresses.includes(wish.address);
    await screen.press("c");
    await eventually("the platform hears of the new address", heard, 60_000);

    const { stdout: settings } = await appliance.exec([
      "cat",
      "/data/outrider/settings/appliance.yaml",
    ]);
    t.regex(settings, /192\.0\.2\.50\/24/);
    await appliance.kill9();
    await appliance.start();
    await appliance.booted();
    await eventually(
      "the kept address is there after a restart",
      async () => (await addresses(lab)) === wish.address,
    );
    t.is(
      (
        await appliance.exec([
          "systemctl",
          "list-timers",
          "--plain",
          "--no-legend",
          "outrider-revert-*",
        ])
      ).stdout,
      "",
    );
  },
);

labTest(
  "the platform's commands: a change of the network is kept by a call home over it, a reboot is reported, and decommissioning wipes the appliance",
  async (t) => {
    t.timeout(300_000);
    const lab = await openEnrolledLab(t, { targets: false });
    const { appliance, operator, applianceId } = lab;
    const inside = async (...command: string[]) =>
      (await appliance.exec(command, { mayFail: true })).stdout;
    /** The container ends when it restarts: it is switched on again as a hypervisor would. */
    const restarted = async () => {
      await appliance.console.exit;
      await appliance.start();
      await appliance.booted();
    };

    const change = await operator.command(applianceId, byPlatform("192.0.2.60/24", "192.0.2.1"));
    const changed = await operator.waitForCommand(change.id, 100_000);
    t.is(changed.state, "done", JSON.stringify(changed.result));
    t.is(await addresses(lab), "192.0.2.60/24");
    const { trial, lastTrial, settings } = JSON.parse(await inside("outrider", "status", "--json"));
    t.is(trial, null);
    t.like(lastTrial, {
      end: "kept",
      by: { how: "platform", who: change.id, why: "another subnet" },
    });
    t.is(settings.network.lan.ipv4.address, "192.0.2.60/24");
    t.true(
      (await operator.appliance(applianceId)).addresses.includes("192.0.2.60/24"),
      "it came by the new address",
    );
    t.regex(await inside("cat", "/data/outrider/settings/appliance.yaml"), /192\.0\.2\.60\/24/);

    const before = await inside("cat", "/proc/sys/kernel/random/boot_id");
    const reboot = await operator.command(applianceId, { kind: "reboot" });
    await restarted();
    t.like(await operator.waitForCommand(reboot.id, 100_000), {
      state: "done",
      result: { detail: "The appliance has restarted." },
    });
    t.not(await inside("cat", "/proc/sys/kernel/random/boot_id"), before);
    t.is(await addresses(lab), "192.0.2.60/24");

    const key = await inside("sh", "-c", "cat /data/outrider/identity/*key* | sha256sum");
    const decommission = await operator.command(applianceId, { kind: "decommission" });
    t.is((await operator.waitForCommand(decommission.id, 100_000)).state, "done");
    t.is((await operator.appliance(applianceId)).state, "revoked");
    await restarted();
    await eventually(
      "its own address is gone with its settings",
      async () => isLeased(await addresses(lab).catch(() => "")),
      60_000,
    );
    const own =
      "cd /data/outrider; ls settings/appliance.yaml settings/history/* secrets/* scan/* factory-reset identity/identity.json 2>/dev/null; cat identity/*key* 2>/dev/null | sha256sum";
    const left = await inside("sh", "-c", own);
    t.notRegex(left, /\//);
    t.false(left.includes(key));
    const status = async () => JSON.parse((await inside("outrider", "status", "--json")) || "{}");
    await eventually("configd answers", async () => "settings" in (await status()));
    t.is((await status()).settings.platform.url, null);
  },
);

labTest("a change that is reverted by a key leaves everything as it was", async (t) => {
  t.timeout(300_000);
  const lab = await openEnrolledLab(t, { targets: false });
  const screen = lab.appliance.console;
  const before = (
    await lab.appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"], { mayFail: true })
  ).stdout;
  await reviewStaticAddress(screen, wish);
  await applyOnTrial(screen);
  t.is(await addresses(lab), wish.address);
  await revertTrial(screen);
  await eventually("the lease is back", async () => isLeased(await addresses(lab)));
  t.is(
    (await lab.appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"], { mayFail: true }))
      .stdout,
    before,
  );
});

labTest(
  "a change by the platform that locks the appliance out is reverted by time alone, is seen at the console, and the platform learns of it",
  async (t) => {
    t.timeout(400_000);
    const lab = await openEnrolledLab(t, { targets: false });
    const { appliance, operator, applianceId } = lab;
    const screen = appliance.console;
    // Neither gateway nor DNS server answers there.
    const { id } = await operator.command(applianceId, byPlatform("192.0.2.60/24", "192.0.2.254"));
    await eventually(
      "the change is on trial",
      async () => (await addresses(lab)) === "192.0.2.60/24",
      60_000,
    );
    await screen.press("f9");
    await seen(screen, "trial.adviceRevert", 60_000);
    // Two minutes after it was applied, without a key pressed.
    await seen(screen, "trial.ended.timed-out", 150_000);
    await eventually("the lease is back", async () => isLeased(await addresses(lab)));
    const { state, result } = await operator.waitForCommand(id, 60_000);
    t.is(state, "failed");
    t.is(result?.code, "network-change-reverted");
    t.notRegex(
      (await appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"])).stdout,
      /192\.0\.2\.60/,
    );
  },
);

labTest("a change on trial is taken back by time alone while configd does not run", async (t) => {
  t.timeout(400_000);
  const lab = await openEnrolledLab(t, { targets: false });
  const { appliance, operator, applianceId } = lab;
  await operator.command(applianceId, byPlatform("192.0.2.60/24", "192.0.2.254"));
  await eventually(
    "the change is on trial",
    async () => (await addresses(lab)) === "192.0.2.60/24",
    60_000,
  );
  await appliance.exec(["systemctl", "stop", "outrider-configd.service"]);
  await eventually("the lease is back", async () => isLeased(await addresses(lab)), 240_000);
  await appliance.exec(["systemctl", "start", "outrider-configd.service"]);
  t.notRegex(
    (await appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"])).stdout,
    /192\.0\.2\.60/,
  );
});
