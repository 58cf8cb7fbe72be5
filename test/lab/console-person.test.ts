import { en } from "../../console/words/en.ts";
import { hosts, platformUrl } from "../../image/lab/addresses.ts";
import {
  applyOnTrial,
  chooseOption,
  fillField,
  focusField,
  goHome,
  keepTrial,
  reviewStaticAddress,
  seen,
} from "../../image/lab/console-keys.ts";
import type { Terminal } from "../../image/terminal/terminal.ts";
import { hearAgain, openPlainTalk, type PlainTalk } from "../testkit/console/plain-talk.ts";
import { eventually, labTest, openBootedLab, openEnrolledLab } from "../testkit/lab/lab.ts";

/**
 * One person, keys only, on the appliance's own terminal: the screens that other lab tests leave
 * out.
 */
labTest(
  "a typing error is corrected, diagnostics and logs are read, a wrong gateway goes back by itself, two cards are set up, and the appliance is reset",
  async (t) => {
    t.timeout(420_000);
    const { appliance } = await openEnrolledLab(t, { targets: false });
    const screen = appliance.console;

    await goHome(screen);
    await screen.press("1");
    await screen.waitFor(`${en.product} - ${en["network.title"]}`);
    await focusField(screen, "label.ipv4.method");
    await chooseOption(screen, en["choice.ipv4.method.static"]);
    await fillField(screen, "label.ipv4.address", "192.0.2.500/24");
    await screen.waitFor("192.0.2.500 is not an IPv4 address", { what: "the error at the field" });
    await screen.press("shift-tab", "left", "left", "left", "backspace");
    await screen.waitFor(/> Address and mask +\[192\.0\.2\.50\/24 /, {
      what: "the corrected address",
    });
    await fillField(screen, "label.ipv4.gateway", "192.0.2.1");
    t.notRegex(screen.screen().join("\n"), /is not an IPv4 address/);
    await fillField(screen, "label.dns.servers", "192.0.2.1");
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
    await tryTool(screen, "tools.ping", "192.0.2.1", /1\. 192\.0\.2\.1, [\d.]+ ms, TTL/);
    await tryTool(screen, "tools.lookUp", "platform.outrider.test", /198\.51\.100\.10/);
    await tryTool(
      screen,
      "tools.trace",
      hosts.platform.address,
      /198\.51\.100\.10, [\d.]+ ms, SYN,ACK/,
    );

    // This gateway does not answer: the person looks at logs meanwhile, and keeps nothing.
    await reviewStaticAddress(screen, {
      address: "192.0.2.51/24",
      gateway: "192.0.2.254",
      dns: "192.0.2.254",
    });
    await applyOnTrial(screen);
    await seen(screen, "trial.adviceRevert", 90_000);
    await screen.press("f10");
    await seen(screen, "form.unsavedTrial");
    await screen.press("right", "enter");
    await seen(screen, "home.network");
    await screen.press("7");
    await seen(screen, "logs.following");
    await screen.press("right", "f3");
    await screen.type("diary-4711");
    await screen.press("enter");
    await seen(screen, "logs.none");
    await appliance.exec(["systemd-run", "--quiet", "--unit=diary-4711", "true"]);
    await screen.waitFor(/diary-4711\.service|Started diary-4711/, {
      what: "a new line of the system's log, filtered and followed",
    });
    await screen.press("right");
    await seen(screen, "logs.none");
    await screen.press("f3", "escape");
    await screen.waitFor(/eth0/, { what: "the network's log" });
    await seen(screen, "trial.ended.timed-out", 150_000);
    await goHome(screen);
    await screen.waitFor("192.0.2.50/24 (static)", {
      timeoutMs: 60_000,
      what: "the kept address is back",
    });

    await goHome(screen);
    await screen.press("1");
    await screen.waitFor(`${en.product} - ${en["network.title"]}`);
    await focusField(screen, "label.network.mode");
    await screen.press("right");
    await seen(screen, "network.sectionWan");
    await screen.press("f2");
    await screen.waitFor(en["review.apply"], { what: "the review of two cards" });
    await applyOnTrial(screen);
    await seen(screen, "trial.adviceKeep", 90_000);
    await keepTrial(screen);
    await goHome(screen);
    await screen.waitFor(/WAN +eth1[\s\S]*198\.51\.100\./, {
      timeoutMs: 60_000,
      what: "the second card calls home",
    });

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
    // Wait for the end of the old console: the appliance goes off by itself, and the lab switches
    // it on again.
    await screen.exit;
    await appliance.start();
    await appliance.booted();
    const status = async () =>
      JSON.parse(
        (await appliance.exec(["outrider", "status", "--json"], { mayFail: true })).stdout || "{}",
      );
    await eventually("configd answers", async () => "settings" in (await status()));
    const { settings, settingsSource } = await status();
    t.deepEqual(
      [
        settingsSource,
        settings.platform.url,
        settings.network.mode,
        settings.network.lan.ipv4.method,
      ],
      ["defaults", null, "single", "dhcp"],
    );
  },
);

labTest(
  "line by line, on a terminal without a screen: first set-up, a static address with a typing error corrected, and two cards",
  async (t) => {
    t.timeout(420_000);
    const { appliance, operator } = await openBootedLab(t, { targets: false });
    const { code } = await operator.makeActivationCode("lines");
    const { tell, heard, choose, fill, terminal } = await openPlainTalk(t, appliance);
    await heard(en["menu.enrolment"]);
    await choose(en["menu.enrolment"], `== ${en.product} - ${en["platform.title"]}`);
    await fill(en["label.platform.url"], platformUrl, platformUrl);
    await fill(en["platform.code"], code, en["platform.codeGood"]);
    await choose(en["platform.enrolButton"], en["platform.saved"]);
    await operator.waitForAppliance((each) => each.heartbeatAt !== null, "the first heartbeat");
    await tell("home", "== ");
    await hearAgain(tell, "Connected to");

    await choose(en["menu.network"], `== ${en.product} - ${en["network.title"]}`);
    await choose(en["label.ipv4.method"], /2\. +static/);
    await tell("2", en["label.ipv4.address"]);
    await fill(en["label.ipv4.address"], "192.0.2.500/24", "192.0.2.500 is not an IPv4 address");
    await fill(en["label.ipv4.address"], "192.0.2.50/24", /Address and mask: 192\.0\.2\.50\/24/);
    await fill(en["label.ipv4.gateway"], "192.0.2.1", /Gateway: 192\.0\.2\.1/);
    await fill(en["label.dns.servers"], "192.0.2.1", /DNS servers: 192\.0\.2\.1/);
    await keepByLines({ tell, choose }, /New: 192\.0\.2\.50\/24/);
    await hearAgain(tell, "192.0.2.50/24 (static)");

    await choose(en["menu.network"], `== ${en.product} - ${en["network.title"]}`);
    await choose(en["label.network.mode"], /2\. +one to scan/);
    await tell("2", en["network.sectionWan"]);
    await keepByLines({ tell, choose }, en["review.apply"]);
    await hearAgain(tell, /WAN.*198\.51\.100\./);
    await choose(en["menu.diagnostics"], en["diagnostics.allGood"], 60_000);
    t.notRegex(terminal.output(), /\u001b/, "no control sequence at all");
    await tell("leave", "").catch(() => undefined);
    t.is((await terminal.exit).exitCode, 0);

    // A script on a pipe prints the same.
    const script =
      "printf '%s\\n' 4 home leave | OUTRIDER_CONSOLE_LEAVE=1 timeout 120 outrider console --plain";
    const { stdout } = await appliance.exec(["sh", "-c", script]);
    t.regex(stdout, /Every check passed/);
    t.regex(stdout, /1\. Network/);
  },
);

/** From the form over its review to the kept settings, back on Home. */
async function keepByLines(
  { tell, choose }: Pick<PlainTalk, "tell" | "choose">,
  review: RegExp | string,
): Promise<void> {
  await choose(en["network.reviewButton"], review);
  await choose(en["review.apply"], /Back to the old settings in/, 60_000);
  await hearAgain(tell, en["trial.adviceKeep"]);
  await choose(en["trial.keep"], en["trial.ended.kept"]);
}

/** One tool with one target, and what its answer must show. */
async function tryTool(
  screen: Terminal,
  tool: "tools.ping" | "tools.lookUp" | "tools.trace",
  target: string,
  answer: RegExp,
): Promise<void> {
  await focusField(screen, "tools.tool");
  await chooseOption(screen, en[tool]);
  await fillField(screen, "tools.target", target);
  await screen.press("f2");
  await seen(screen, "tools.answer", 60_000);
  const all = (rows: string[]) => rows.join("\n").split(en["tools.answer"]).at(-1) ?? "";
  await screen.waitFor((rows) => answer.test(all(rows)), {
    timeoutMs: 60_000,
    what: `the answer of ${en[tool]}`,
  });
}
