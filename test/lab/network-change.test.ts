import { applyOnTrial, goHome, keepTrial, revertTrial, reviewStaticAddress, seen } from "../../image/lab/console-keys.ts";
import { eventually, labTest, openEnrolledLab, type TestLab } from "../testkit/lab.ts";

const wish = { address: "192.0.2.50/24", gateway: "192.0.2.1", dns: "192.0.2.1" };

async function addresses({ appliance }: TestLab): Promise<string> {
  const { stdout } = await appliance.exec(["ip", "-br", "-4", "address", "show", "dev", "eth0"]);
  return stdout.trim().split(/\s+/).slice(2).join(" ");
}

const isLeased = (text: string) => /^192\.0\.2\.1\d\d\/24/.test(text);

labTest("a static address typed at the console is reviewed, tried with a countdown, kept, and there after a restart", async (t) => {
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
  const heard = async () => (await operator.appliance(applianceId)).addresses.includes(wish.address);
  await screen.press("c");
  await eventually("the platform hears of the new address", heard, 60_000);

  const { stdout: settings } = await appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"]);
  t.regex(settings, /192\.0\.2\.50\/24/);
  await appliance.kill9();
  await appliance.start();
  await appliance.booted();
  await eventually("the kept address is there after a restart", async () => (await addresses(lab)) === wish.address);
  t.is((await appliance.exec(["systemctl", "list-timers", "--plain", "--no-legend", "outrider-revert-*"])).stdout, "");
});

labTest("a change that is reverted by a key leaves everything as it was", async (t) => {
  t.timeout(300_000);
  const lab = await openEnrolledLab(t, { targets: false });
  const screen = lab.appliance.console;
  const before = (await lab.appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"], { mayFail: true })).stdout;
  await reviewStaticAddress(screen, wish);
  await applyOnTrial(screen);
  t.is(await addresses(lab), wish.address);
  await revertTrial(screen);
  await eventually("the lease is back", async () => isLeased(await addresses(lab)));
  t.is((await lab.appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"], { mayFail: true })).stdout, before);
});

labTest("a change that locks the appliance out is reverted by time alone, and it calls home again", async (t) => {
  t.timeout(400_000);
  const lab = await openEnrolledLab(t, { targets: false });
  const { appliance, operator, applianceId } = lab;
  const screen = appliance.console;
  await operator.setInterval(30);
  // Nobody is there: neither gateway nor DNS server.
  await reviewStaticAddress(screen, { address: "192.0.2.50/24", gateway: "192.0.2.254", dns: "192.0.2.254" });
  await applyOnTrial(screen);
  await seen(screen, "trial.adviceRevert", 60_000);
  // Two minutes after it was applied, with nobody touching a key.
  await seen(screen, "trial.ended.timed-out", 150_000);
  await eventually("the lease is back", async () => isLeased(await addresses(lab)));
  const since = Date.now();
  await eventually("it calls home again", async () => ((await operator.appliance(applianceId)).heartbeatAt ?? 0) > since, 90_000);
  t.pass();
});
