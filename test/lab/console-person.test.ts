import { en } from "../../console/words/en.ts";
import { applyOnTrial, chooseOption, fillField, focusField, goHome, keepTrial, seen } from "../../image/lab/console-keys.ts";
import { eventually, labTest, openEnrolledLab } from "../testkit/lab.ts";

/** One person, keys only, on the appliance's own terminal: what the other lab tests do not type. */
labTest("a typing error is corrected, diagnostics are read, two cards are set up, and the appliance is reset", async (t) => {
  t.timeout(420_000);
  const { appliance } = await openEnrolledLab(t, { targets: false });
  const screen = appliance.console;

  await goHome(screen);
  await screen.press("1");
  await screen.waitFor(`${en.product} - ${en["network.title"]}`);
  await focusField(screen, "network.method");
  await chooseOption(screen, en["network.methodStatic"]);
  await fillField(screen, "network.address", "192.0.2.500/24");
  await screen.waitFor("192.0.2.500 is not an IPv4 address", { what: "the error at the field" });
  await screen.press("shift-tab", "left", "left", "left", "backspace", "tab");
  await screen.waitFor((rows) => !rows.join("\n").includes("is not an IPv4 address"), { what: "the error goes" });
  await fillField(screen, "network.gateway", "192.0.2.1");
  await fillField(screen, "network.dns", "192.0.2.1");
  await screen.press("f2");
  await screen.waitFor(/->\s+192\.0\.2\.50\/24/);
  await applyOnTrial(screen);
  await seen(screen, "trial.adviceKeep", 90_000);
  await keepTrial(screen);

  await goHome(screen);
  await screen.press("4");
  await seen(screen, "diagnostics.allGood", 90_000);
  await screen.press("f6");
  await seen(screen, "tools.intro");
  await fillField(screen, "tools.target", "192.0.2.1");
  await screen.press("f2");
  await screen.waitFor(/192\.0\.2\.1/, { timeoutMs: 60_000, what: "the ping's answer" });
  await seen(screen, "tools.answer", 60_000);

  await goHome(screen);
  await screen.press("1");
  await screen.waitFor(`${en.product} - ${en["network.title"]}`);
  await focusField(screen, "network.mode");
  await screen.press("right");
  await seen(screen, "network.sectionWan");
  await screen.press("f2");
  await screen.waitFor(en["review.apply"], { what: "the review of two cards" });
  await applyOnTrial(screen);
  await seen(screen, "trial.adviceKeep", 90_000);
  await keepTrial(screen);
  await goHome(screen);
  await screen.waitFor(/WAN +eth1[\s\S]*198\.51\.100\./, { timeoutMs: 60_000, what: "the second card calls home" });

  await screen.press("9");
  await screen.waitFor(`${en.product} - ${en["more.title"]}`);
  await screen.press("7", "down", "enter");
  await seen(screen, "recovery.confirmFactory");
  await screen.type("wrong-name");
  await screen.press("tab", "enter");
  await seen(screen, "recovery.wrongWord");
  await screen.press("ctrl-u");
  await screen.type("outrider");
  await screen.press("tab", "enter");
  await appliance.booted();
  await eventually(
    "the settings of a new appliance",
    async () => !(await appliance.exec(["outrider", "status", "--json"], { mayFail: true })).stdout.includes("192.0.2.50/24"),
    120_000,
  );
  t.pass();
});

labTest("line by line, without a screen: home and diagnostics are read", async (t) => {
  t.timeout(300_000);
  const { appliance } = await openEnrolledLab(t, { targets: false });
  const say = async (lines: readonly string[]) => {
    const script = `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} | OUTRIDER_CONSOLE_LEAVE=1 timeout 120 outrider console --plain`;
    return (await appliance.exec(["sh", "-c", script])).stdout;
  };
  const home = await say(["leave"]);
  t.regex(home, /Connected to/);
  t.regex(home, /1\. Network/);
  const diagnostics = await say(["4", "", "home", "leave"]);
  t.regex(diagnostics, /Every check passed/);
  t.notRegex(diagnostics, /\u001b/);
});
