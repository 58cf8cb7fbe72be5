import test from "ava";
import fc from "fast-check";
import { makeActivationCode, parseActivationCode } from "../../src/base/activation-code.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { parseAddress } from "../../src/settings/values/addresses.ts";
import { parsePlatformUrl } from "../../src/settings/values/names.ts";
import { readZeroTouch } from "../../src/settings/zero-touch/read.ts";

const code = makeActivationCode(new Uint8Array(18).fill(9)).text;
const read = (values: Record<string, string>) =>
  readZeroTouch(
    [{ format: "credentials", source: "s", place: "p", text: JSON.stringify(values) }],
    defaultSettings,
    1,
  );

test("an activation code is taken as Word, Outlook and people make it", (t) => {
  const bare = code.replaceAll("-", "");
  for (const dash of [
    "\u2013",
    "\u2014",
    "\u2011",
    "\u2010",
    "\u2212",
    "\u00ad-",
    "\u200b",
    "_",
    " - ",
  ])
    t.true(parseActivationCode(code.replaceAll("-", dash)).ok, JSON.stringify(dash));
  for (const text of [
    `"${code}"`,
    `“${code}”`,
    `„${code}“`,
    `«${code}»`,
    `'${code}'.`,
    `\u2066${code}\u2069`,
    `\`${bare}\``,
  ])
    t.true(parseActivationCode(text).ok, text);
  t.like(parseActivationCode(`${bare.slice(0, 19)}#`), {
    problem: { kind: "character", position: 20, character: "#" },
  });
  t.is(
    read({ activation_code: `“${code.replaceAll("-", "–")}”` }).secrets["activation-code"],
    code,
  );
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("\u2013", "\u200b", " ", "\u00ad", '"', "."), {
        minLength: 21,
        maxLength: 21,
      }),
      (between) => {
        const text = between.map((each, index) => each + (bare[index] ?? "")).join("");
        const parsed = parseActivationCode(text);
        return parsed.ok && parsed.code.text === code;
      },
    ),
  );
});

test("a full host name is cut to its first label, and that is noted", (t) => {
  for (const [given, name] of [
    ["scanner-1.corp.example", "scanner-1"],
    ["Scanner-1.corp.example.", "scanner-1"],
    ["scanner-1.ad_corp.example", "scanner-1"],
    ["scanner-1.local", "scanner-1"],
  ] as const) {
    const { settings, report } = read({ hostname: given });
    t.is(settings.hostname, name);
    t.deepEqual(report.problems, []);
    t.regex(report.notes[0] ?? "", /^hostname is a full name: this appliance is called scanner-1/i);
  }
  for (const given of ["192.0.2.10", "scanner_1.example", "-.example", "a..b"]) {
    const { settings, report } = read({ hostname: given });
    t.is(settings.hostname, "outrider", given);
    t.is(report.problems.length, 1, given);
  }
});

test("a cloud-config's fqdn is the name where it has no hostname", (t) => {
  const name = (text: string) =>
    readZeroTouch([{ format: "user-data", source: "s", place: "p", text }], defaultSettings, 1)
      .settings.hostname;
  t.is(name("#cloud-config\nfqdn: scanner-1.corp.example\n"), "scanner-1");
  t.is(name("#cloud-config\nfqdn: a.corp.example\nhostname: scanner-2\n"), "scanner-2");
});

test("a user with a slash for its domain is noted", (t) => {
  const notes = (user: string) =>
    read({ proxy_url: "http://proxy.example.org:80", proxy_user: user }).report.notes;
  t.regex(notes("CORP/anna")[0] ?? "", /^proxy_user has a slash: .* as CORP\\anna\.$/);
  for (const user of ["CORP\\anna", "anna", "anna@corp.example", "a/b@corp.example"])
    t.deepEqual(notes(user), [], user);
});

test("the platform's address is taken from a browser, or what is too much is named", (t) => {
  const address = (text: string) => {
    const parsed = parsePlatformUrl(text);
    return parsed.ok ? parsed.value : [parsed.code, parsed.values?.suggestion];
  };
  for (const text of [
    "https:\\\\p.example",
    "https://p.example\u200b",
    "\ufeffp.example/",
    "p.example\\",
  ])
    t.is(address(text), "https://p.example", JSON.stringify(text));
  for (const path of ["/login", "/#/", "/?a=b", "/a/b/", "?a", "#top", "\\login"])
    t.deepEqual(address(`https://p.example:8443${path}`), [
      "url-has-path",
      "https://p.example:8443",
    ]);
  for (const text of [
    "https://p.example:84430x/",
    "https://a b/c",
    "https:///login",
    "p.example]x",
  ])
    t.deepEqual(address(text), ["url-malformed", undefined], text);
  fc.assert(
    fc.property(fc.webUrl(), (url) => {
      const parsed = parsePlatformUrl(url.replace(/^http:/, "https:"));
      return parsed.ok || parsed.code !== "url-not-https";
    }),
  );
});

test("an address with a zone is refused with the address without it", (t) => {
  for (const [text, suggestion] of [
    ["fe80::53%eth0", "fe80::53"],
    ["FE80::1%2", "fe80::1"],
    ["fe80::1%25eth0", "fe80::1"],
    ["fe80::53%", "fe80::53"],
  ] as const)
    t.like(parseAddress(text, "either"), { code: "address6-zone", values: { suggestion } });
  t.like(parseAddress("fe80::x%eth0", "either"), { code: "address6-malformed" });
});

test("quotes around a value are dropped in every source, but of a password", (t) => {
  const quoted = {
    lan_address: '"192.0.2.10/24"',
    lan_gateway: "'192.0.2.1'",
    lan_dns: ' "192.0.2.53" ',
    platform_url: '"p.example"',
    proxy_url: "http://proxy.example.org:80",
    proxy_password: '"secret"',
    hostname: '""',
  };
  const { settings, secrets, report } = read(quoted);
  t.deepEqual(report.problems, []);
  t.like(settings.network.lan.ipv4, { address: "192.0.2.10/24", gateway: "192.0.2.1" });
  t.is(settings.platform.url, "https://p.example");
  t.is(secrets["proxy-password"], '"secret"');
});
