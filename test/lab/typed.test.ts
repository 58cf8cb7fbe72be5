import { en } from "../../console/words/en.ts";
import { hosts } from "../../image/lab/addresses.ts";
import { chooseOption, fillField, focusField, goHome, seen } from "../../image/lab/console-keys.ts";
import type { Terminal } from "../../image/terminal/terminal.ts";
import { labTest, openBootedLab } from "../testkit/lab/lab.ts";

const login = { user: "appliance", password: "pass word:with/signs" };

/** F6 on the open form, and the end of the test that it begins. */
async function testTyped(screen: Terminal): Promise<string> {
  await screen.press("f6");
  await screen.waitFor(`${en.product} - ${en["diagnostics.typedTitle"]}`, { what: "the test" });
  const rows = await screen.waitFor((all) => !all.join(" ").includes("Checking..."), {
    timeoutMs: 60_000,
    what: "the end of the test",
  });
  await screen.press("escape");
  return rows.join("\n");
}

labTest(
  "what is typed on Proxy and Network is tested on the real appliance, and nothing of it is applied or stored",
  async (t) => {
    t.timeout(400_000);
    const { appliance } = await openBootedLab(t, { proxy: { login } });
    const screen = appliance.console;
    await screen.waitFor("(DHCP)", { timeoutMs: 60_000 });
    const settingsNow = async () => (await appliance.exec(["outrider", "network", "show"])).stdout;
    const before = await settingsNow();

    await goHome(screen);
    await screen.press("3");
    await screen.waitFor(`${en.product} - ${en["platform.title"]}`);
    await screen.press("up", "up", "end", "ctrl-u");
    await screen.type("platform.outrider.test");
    const address = await testTyped(screen);
    t.regex(address, /platform, platform\.outrider\.test +OK/);
    t.regex(address, /What was tested of it works/);
    await screen.press("ctrl-u");
    await screen.type("platform.outrider.tset");
    t.regex(await testTyped(screen), /The name does not exist/);

    await screen.press("escape");
    await screen.press("right", "enter");
    await seen(screen, "home.network");
    await screen.press("2");
    await focusField(screen, "label.proxy.kind");
    await chooseOption(screen, en["choice.proxy.kind.http"]);
    await fillField(screen, "label.proxy.host", "proxy.outrider.test");
    await fillField(screen, "label.proxy.port", "3128");
    await focusField(screen, "label.proxy.authentication");
    await chooseOption(screen, en["choice.proxy.authentication.basic"]);
    await fillField(screen, "label.proxy.user", login.user);
    await fillField(screen, "proxy.password", "pass word:wrong");
    // No platform is set yet: the proxy is asked all the same.
    const refused = await testTyped(screen);
    t.regex(refused, /log-in at the proxy +FAILED/);
    t.regex(refused, /refused the user name or password/);
    await fillField(screen, "proxy.password", login.password);
    const taken = await testTyped(screen);
    t.regex(taken, /log-in at the proxy +OK/);
    t.regex(taken, /What was tested of it works/);
    t.notRegex(taken, /pass word/);
    const { stdout: found } = await appliance.exec(
      ["grep", "-rlF", "pass word", "/data", "/run/outrider", "/etc", "/run/systemd", "/tmp"],
      { mayFail: true },
    );
    t.is(found, "", "what is tested is stored nowhere");
    t.notRegex(await appliance.journal(), /pass word/);
    t.is(await settingsNow(), before);

    await screen.press("escape");
    await screen.press("right", "enter");
    await seen(screen, "home.network");
    await screen.press("1");
    await focusField(screen, "label.ipv4.method");
    await chooseOption(screen, en["choice.ipv4.method.static"]);
    await fillField(screen, "label.ipv4.address", `${hosts.web.address}/24`);
    await fillField(screen, "label.ipv4.gateway", "192.0.2.254");
    await fillField(screen, "label.dns.servers", "192.0.2.1");
    const wrong = await testTyped(screen);
    t.regex(wrong, /LAN address +FAILED/);
    t.regex(wrong, /Another machine uses the same IP address/);
    t.regex(wrong, /gateway 192\.0\.2\.254 +FAILED/);
    t.regex(wrong, /DNS server 192\.0\.2\.1 +OK/);
    await fillField(screen, "label.ipv4.address", "192.0.2.50/24");
    await fillField(screen, "label.ipv4.gateway", "192.0.2.1");
    t.regex(await testTyped(screen), /What was tested of it works/);

    // IPv6 is off on the card: of what is typed of it nothing can be asked, beside IPv4.
    await focusField(screen, "network.more");
    await chooseOption(screen, en["form.yes"]);
    await focusField(screen, "label.ipv6.method");
    await chooseOption(screen, en["choice.ipv6.method.static"]);
    await fillField(screen, "label.ipv6.address", "2001:db8:0:1::50/64");
    await fillField(screen, "label.ipv6.gateway", "2001:db8:0:1::1");
    const half = (await testTyped(screen)).replaceAll(/\s+/g, " ");
    t.regex(half, /Not tested: LAN address, gateway 2001:db8:0:1::1\./);
    await focusField(screen, "label.ipv4.method");
    await chooseOption(screen, en["choice.ipv4.method.off"]);
    await fillField(screen, "label.dns.servers", "2001:db8:0:1::1");
    const nothing = (await testTyped(screen)).replaceAll(/\s+/g, " ");
    t.regex(nothing, /Nothing of what is typed could be tested: LAN address, gateway/);
    t.regex(nothing, /Not checked: IPv6 cannot be asked on eth0 as it is now/);
    t.notRegex(nothing, /works/);
    t.is(await settingsNow(), before);
  },
);
