import { en } from "../../console/words/en.ts";
import { platformUrl } from "../../image/lab/addresses.ts";
import {
  applyOnTrial,
  enrolAtConsole,
  fillField,
  goHome,
  keepTrial,
  openFromMore,
  seen,
} from "../../image/lab/console-keys.ts";
import type { Terminal } from "../../image/terminal/terminal.ts";

import { hearAgain, openPlainTalk } from "../testkit/console/plain-talk.ts";
import { eventually, labTest, openBootedLab } from "../testkit/lab/lab.ts";

const pin = "4711 Ü";

/**
 * One person and their mistakes, keys only, on 80x24: together with console-person these are the
 * tasks that everybody has at a console.
 */
labTest(
  "a mistyped platform costs no second code, a lease becomes static, the firewall's text goes out, and the console comes back locked from a restart",
  async (t) => {
    t.timeout(420_000);
    const lab = await openBootedLab(t, { targets: false });
    const { appliance, operator, platform } = lab;
    const screen = appliance.console;
    await screen.waitFor(/192\.0\.2\.1\d\d\/24 \(DHCP\)/, { timeoutMs: 60_000, what: "a lease" });

    const { code } = await operator.makeActivationCode("tasks");
    await enrolAtConsole(screen, platformUrl.replace("test", "tset"), code);
    await seen(screen, "platform.codeKept", 60_000);
    await screen.waitFor(/The name does not exist/, { timeoutMs: 60_000, what: "the cause" });
    await fillField(screen, "label.platform.url", platformUrl);
    await screen.press("f2");
    const { id } = await operator.waitForAppliance(
      (each) => each.heartbeatAt !== null,
      "the first heartbeat, by the code that was typed once",
    );

    await goHome(screen);
    await screen.press("1");
    await screen.waitFor(`${en.product} - ${en["network.title"]}`);
    await screen.press("f5");
    await seen(screen, "network.leaseTaken");
    await screen.press("f2");
    await screen.waitFor(/by DHCP \(192\.0\.2\.1\d\d\/24\)\s+->\s+192\.0\.2\.1\d\d\/24/, {
      what: "the leased address beside the one that stays",
    });
    await applyOnTrial(screen);
    await seen(screen, "trial.adviceKeep", 90_000);
    await keepTrial(screen);
    await goHome(screen);
    await screen.waitFor(/192\.0\.2\.1\d\d\/24 \(static\)/, { what: "the address stays" });

    await screen.press("3", "f4");
    await screen.waitFor(/health\.outrider\.test, TCP port 443/, { what: "the firewall's text" });
    await screen.press("f4");
    await seen(screen, "firewall.sent");
    await eventually("the platform has the bundle with the text", async () => {
      const { commands } = Object(await platform.api("GET", `/api/appliances/${id}/commands`));
      return JSON.stringify(commands).includes('"support-bundle"');
    });

    await openFromMore(screen, "menu.pin", "pin.title");
    await fillField(screen, "pin.new", "471");
    await fillField(screen, "pin.again", "471");
    await screen.press("f2");
    await screen.waitFor(/ > New PIN {2}[\s\S]*Type at least \d characters/, {
      what: "the focus at the PIN that is too short",
    });
    await fillField(screen, "pin.new", pin);
    await fillField(screen, "pin.again", `${pin}x`);
    await screen.press("f2");
    await screen.waitFor(/ > New PIN again[\s\S]*The two are not the same/, {
      what: "the focus at the PIN that differs",
    });
    await fillField(screen, "pin.again", pin);
    await screen.press("f2");
    await seen(screen, "pin.set");
    await goHome(screen);
    await screen.press("l");
    await unlock(screen);

    await goHome(screen);
    await screen.press("5");
    await screen.waitFor(`${en.product} - ${en["power.title"]}`);
    await screen.press("enter");
    await seen(screen, "power.confirmReboot");
    // Cancel is chosen: one Enter too many restarts nothing.
    await screen.press("enter");
    await screen.waitFor((rows) => !rows.join(" ").includes(en["power.yesReboot"]), {
      what: "the question is gone",
    });
    await screen.press("enter");
    await seen(screen, "power.confirmReboot");
    await screen.press("left", "enter");
    await screen.exit;
    await appliance.start();
    await appliance.booted();
    await unlock(appliance.console);
    await appliance.console.waitFor(/192\.0\.2\.1\d\d\/24 \(static\)/, {
      timeoutMs: 60_000,
      what: "the kept address after the restart",
    });
    t.is((await operator.appliances()).length, 1);
    t.notRegex(await appliance.journal(), /4711/, "the PIN is in no log");
  },
);

labTest(
  "line by line: a mistyped platform, a lease that becomes static, the firewall's text, a lock with mistakes, and a restart that is not meant",
  async (t) => {
    t.timeout(420_000);
    const { appliance, operator } = await openBootedLab(t, { targets: false });
    const { code } = await operator.makeActivationCode("lines");
    const { tell, heard, choose, fill, terminal } = await openPlainTalk(t, appliance);
    await heard(en["menu.enrolment"]);
    await choose(en["menu.enrolment"], `== ${en.product} - ${en["platform.title"]}`);
    const mistyped = platformUrl.replace("test", "tset");
    await fill(en["label.platform.url"], mistyped, mistyped);
    await fill(en["platform.code"], code, en["platform.codeGood"]);
    await choose(en["platform.enrolButton"], en["platform.saved"]);
    await hearAgain(tell, /A code is kept.*The name does not exist/);
    await fill(en["label.platform.url"], platformUrl, platformUrl);
    await choose(en["platform.enrolButton"], en["platform.saved"]);
    await operator.waitForAppliance((each) => each.heartbeatAt !== null, "the first heartbeat");

    await tell("home", "== ");
    await choose(en["menu.network"], `== ${en.product} - ${en["network.title"]}`);
    await tell("F5", en["network.leaseTaken"]);
    await tell("F2", /Now: by DHCP \(192\.0\.2\.1\d\d\/24\), New: 192\.0\.2\.1\d\d\/24/);
    await tell("F2", /Back to the old settings in/, 60_000);
    await hearAgain(tell, en["trial.adviceKeep"]);
    await choose(en["trial.keep"], en["trial.ended.kept"]);
    await hearAgain(tell, /192\.0\.2\.1\d\d\/24 \(static\)/);

    await choose(en["menu.more"], `== ${en.product} - ${en["more.title"]}`);
    await choose(en["menu.firewall"], /health\.outrider\.test, TCP port 443/);
    await tell("F4", en["firewall.sent"]);

    await tell("home", "== ");
    await choose(en["menu.more"], `== ${en.product} - ${en["more.title"]}`);
    await choose(en["menu.pin"], `== ${en.product} - ${en["pin.title"]}`);
    await fill(`${en["pin.new"]}:`, "47115", "*****");
    await fill(en["pin.again"], "47116", en["pin.differ"]);
    await fill(en["pin.again"], "47115", "*****");
    await choose(en["pin.button"], en["pin.set"]);

    await tell("home", "== ");
    await choose(en["menu.power"], `== ${en.product} - ${en["power.title"]}`);
    await choose(en["power.reboot"], /Restart now\?/);
    await choose(en["power.no"], `== ${en.product} - ${en["power.title"]}`);
    t.notRegex(terminal.output(), /4711[56]/, "no PIN on the screen");
    t.notRegex(await appliance.journal(), /4711[56]/, "nor in a log");
    await tell("leave", "").catch(() => undefined);
    t.is((await terminal.exit).exitCode, 0);
  },
);

/** One wrong PIN, then the right one. */
async function unlock(screen: Terminal): Promise<void> {
  await seen(screen, "lock.intro", 60_000);
  await screen.type("0000");
  await screen.press("enter");
  await screen.waitFor(/This is not the right PIN/, { what: "the wrong PIN is told" });
  await screen.press("ctrl-u");
  await screen.type(pin);
  await screen.press("enter");
  await screen.waitFor(`${en.product} - `, { what: "the console is open" });
  await seen(screen, "home.network");
}
