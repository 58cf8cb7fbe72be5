import test from "ava";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import { Person } from "./person.ts";

const online = [
  "link:lan",
  "address:lan",
  "gateway:lan",
  "dns:192.0.2.53",
  "source",
  "proxy",
  "proxy:login",
];
const unknownName = {
  code: "proxy-knows-not" as const,
  values: { host: "platform.outrider.tset:443", answer: "503 Service Unavailable" },
};
const flat = (person: Person) => person.screen().replaceAll(/\s+/g, " ");
const found = (id: string, outcome: CheckResult["outcome"], code: string | null = null) => ({
  id,
  check: id.split(":", 1)[0] ?? "",
  subject: id,
  outcome,
  code,
  detail: "",
  durationMs: 1,
});

test("F6 on Proxy tests what is typed, with the typed password, before anything changes", async (t) => {
  const person = await Person.at("behind-broken-proxy");
  person.press("=2");
  t.regex(flat(person), /F6 Test what is typed/);
  // Up from the first field leads nowhere, and from the button back: the password is found by name.
  person.press("tab", "end", "=x");
  person.press("f6");
  t.is(person.title(), "Test as typed");
  t.regex(flat(person), /typed on the Proxy screen is tested\. Nothing is applied or stored/);
  const asked = person.asked().at(-1);
  t.is(asked?.verb, "testTyped");
  if (asked?.verb !== "testTyped") return;
  const { proxy } = asked.request.change.settings;
  t.regex(proxy.kind === "http" ? proxy.host : "", /x$/);
  t.false(person.asked().some(({ verb }) => verb === "try" || verb === "review"));

  person.answer({
    type: "reply",
    verb: "testTyped",
    reply: {
      results: [found("link:lan", "ok"), found("proxy", "failed", "proxy-unreachable")],
    },
  });
  t.regex(flat(person), /The first failure decides/);
  person.press("=r");
  t.like(person.asked().at(-1), { verb: "testTyped", request: { only: "proxy" } });
  person.answer({ type: "reply", verb: "testTyped", reply: { results: [found("proxy", "ok")] } });
  t.regex(flat(person), /What was tested of it works/);
  person.press("f5");
  t.deepEqual(person.asked().at(-1), asked, "all again asks the same");
  person.press("escape");
  t.is(person.title(), "Proxy");
  t.regex(person.screen(), /x +\]/, "what was typed is still there");
});

test("the typed password goes with the test, and a form that is not valid is not tested", async (t) => {
  const person = await Person.at("behind-broken-proxy");
  person.press("=2");
  for (let steps = 0; steps < 12 && !/> Password/.test(person.screen()); steps++)
    person.press("tab");
  t.regex(person.screen(), /> Password/);
  person.press("=p:a@s%s#w \"o'rd \\ $x ü€ñ", "f6");
  t.like(person.asked().at(-1), {
    verb: "testTyped",
    request: { change: { proxyPassword: "p:a@s%s#w \"o'rd \\ $x ü€ñ" } },
  });
  t.false(person.screen().includes("p:a@s"));

  const wrong = await Person.at("behind-broken-proxy");
  wrong.press("=2", "tab", "ctrl-u", "=not a host!", "f6");
  t.is(wrong.title(), "Proxy");
  t.regex(flat(wrong), /Correct the fields marked with !/);
  t.false(wrong.asked().some(({ verb }) => verb === "testTyped"));
});

test("F6 on an untouched form tests what is active, and says so", async (t) => {
  const person = await Person.at("behind-broken-proxy");
  for (const menu of ["=1", "=2", "=3"] as const) {
    person.press("f10", menu, "f6");
    t.is(person.title(), "Diagnostics", menu);
    t.regex(flat(person), /Nothing is typed anew/, menu);
    t.is(person.asked().at(-1)?.verb, "doctor", menu);
  }
});

test("F6 on Platform tests the typed address without the code", async (t) => {
  const person = await Person.at("not-enrolled");
  person.press("=3", "=platform.example.org", "f6");
  t.is(person.title(), "Test as typed");
  t.regex(flat(person), /The activation code is not tested/);
  t.like(person.asked().at(-1), {
    verb: "testTyped",
    request: { change: { settings: { platform: { url: "https://platform.example.org" } } } },
  });
  person.press("escape", "ctrl-u", "=https://", "f6");
  t.is(person.title(), "Platform");
  t.regex(flat(person), /Correct the fields marked with !/);
});

test("F6 on Network tests the typed network, and says what only the trial shows", async (t) => {
  const person = await Person.at("no-dhcp");
  person.press("=1", "right", "tab", "=192.0.2.50/24", "tab", "=192.0.2.9", "tab", "=192.0.2.9");
  person.press("f6");
  t.regex(flat(person), /DHCP, VLAN, MTU and routes show in the trial only/);
  const asked = person.asked().at(-1);
  t.like(asked, {
    verb: "testTyped",
    request: { change: { settings: { network: { lan: { ipv4: { gateway: "192.0.2.9" } } } } } },
  });
  person.answer({
    type: "reply",
    verb: "testTyped",
    reply: {
      results: [
        found("address:lan", "ok"),
        found("gateway:lan", "failed", "gateway-silent"),
        {
          ...found("dns:192.0.2.9", "skipped"),
          facts: [{ code: "typed-offline", values: {} }],
          detail: "the network as it is now has no address to ask from",
        },
      ],
    },
  });
  t.regex(flat(person), /The gateway does not answer/);
  person.press("down");
  t.regex(flat(person), /Not checked: the network as it is now has no address to ask from\./);
});

test("a password that a terminal has damaged is refused on the form, with the reason", async (t) => {
  const person = await Person.at("behind-broken-proxy");
  person.press("=2");
  for (let steps = 0; steps < 12 && !/> Password/.test(person.screen()); steps++)
    person.press("tab");
  person.press("=gr\ufffdn", "f6");
  t.false(person.asked().some(({ verb }) => verb === "testTyped"));
  person.press("f2");
  t.false(person.asked().some(({ verb }) => verb === "review"));
  t.regex(flat(person), /U\+FFFD/);
});

test("of what was not tested nobody says that it works, and the first reason is shown", async (t) => {
  const person = await Person.at("no-dhcp");
  person.press("=1", "right", "tab", "=192.0.2.50/24", "tab", "=192.0.2.9", "tab", "=192.0.2.9");
  person.press("f6");
  const unasked = { code: "typed-unasked-6" as const, values: { device: "eth0" } };
  const free = { code: "typed-address-free" as const, values: { address: "x", device: "eth0" } };
  const half = { code: "typed-address-unasked" as const, values: { address: "y", device: "eth0" } };
  const said = (...results: CheckResult[]) => {
    person.answer({ type: "reply", verb: "testTyped", reply: { results } });
    const text = flat(person);
    person.press("f5");
    return text;
  };
  const link = found("link:lan", "ok");
  const skipped = (id: string) => ({ ...found(id, "skipped"), facts: [unasked] });
  const nothing = said(link, skipped("address:lan"), skipped("gateway:lan"), skipped("dns:::53"));
  t.regex(
    nothing,
    /Nothing of what is typed could be tested: LAN address, gateway, DNS server ::53\./,
  );
  t.regex(nothing, /> LAN address skipped/);
  t.regex(nothing, /Not checked: IPv6 cannot be asked on eth0/);
  t.notRegex(nothing, /works/);
  const partly = said(
    link,
    { ...found("address:lan", "ok"), facts: [free, half] },
    skipped("dns:::53"),
  );
  t.regex(partly, /What was tested of it works\. Not tested: LAN address, DNS server ::53\./);
  const asked = said(link, found("address:lan", "ok"), found("dns:::53", "warning", "dns-silent"));
  t.regex(asked, /No check failed, but look at: DNS server ::53\./);
  t.regex(asked, /What: The DNS servers do not answer.*> DNS server ::53 WARNING/);
  t.notRegex(asked, /works/);
  t.regex(said(link, found("address:lan", "ok")), /What was tested of it works\. Esc/);
});

test("the cause of the first failure stands on the first page, above its row, however many checks come before it", async (t) => {
  const person = await Person.at("not-enrolled");
  person.press("=3", "=platform.outrider.tset", "f6");
  person.answer({
    type: "reply",
    verb: "testTyped",
    reply: {
      results: [
        ...online.map((id) => found(id, "ok")),
        {
          ...found("proxy:connect", "failed", "proxy-target-unknown"),
          facts: [unknownName],
        },
        ...["tls", "service:platform", "clock", "certificate:platform", "resources:disk"].map(
          (id) => found(id, "skipped"),
        ),
      ],
    },
  });
  const shows = (...texts: RegExp[]) => {
    for (const text of texts) t.regex(flat(person), text);
  };
  const decides = /The first failure decides: tunnel \(CONNECT\)/;
  shows(decides, /What: The proxy does not know the platform's name/, /Why: The name shown is/);
  shows(/Do: Check the spelling/, /Facts: the proxy does not know platform\.outrider\.tset:443/);
  shows(/Facts: .*> tunnel \(CONNECT\) FAILED/);
  person.press("end");
  shows(/Not checked, since an earlier check failed.*> data disk skipped/);
  person.press("home");
  shows(/LAN link.*> LAN link OK/);
});

test("a tale of facts takes no room from the cause and the rows, and is read below them", async (t) => {
  const person = await Person.at("not-enrolled");
  person.press("f10", "=4");
  const said = `${"a long tale of what the system said ".repeat(25)}and its end`;
  person.answer({
    type: "reply",
    verb: "doctor",
    reply: {
      results: [
        ...online.map((id) => found(id, "ok")),
        { ...found("service:health", "failed", "connect-silent"), detail: said },
      ],
    },
  });
  t.regex(flat(person), /The first failure decides.*What:.*Why:.*Do:.*> health service FAILED/);
  for (let page = 0; page < 4; page++) person.press("page-down");
  t.regex(flat(person), /The first failure decides.*What:.*Why:.*Do:.*and its end/);
});
