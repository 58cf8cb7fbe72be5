import { generateKeyPairSync } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { type Validation, validateSettings } from "../../src/settings/checks/validate.ts";
import { formNames } from "../../src/settings/fields/field.ts";
import type { InterfacePath } from "../../src/settings/fields/placed-fields.ts";
import { formNameOf, settingOf, type Texts, textsOf, withTexts } from "../../src/settings/form.ts";
import { describeFieldProblem } from "../../src/settings/model/problems.ts";
import { defaultSettings, type Settings } from "../../src/settings/model/schema.ts";
import { describeCertificate } from "../../src/settings/values/certificates.ts";
import { readBypassList } from "../../src/transport/proxy/bypass.ts";
import { validSettings } from "../testkit/configd/valid-settings.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";

type InterfaceTexts = Partial<Record<InterfacePath, string>>;
type Typed = Partial<Texts>;

const lan: InterfaceTexts = {
  "ipv4.method": "static",
  "ipv4.address": "192.0.2.10/24",
  "ipv4.gateway": "192.0.2.1",
  "dns.servers": "192.0.2.53",
};
const wan: InterfaceTexts = {
  ...lan,
  "ipv4.address": "198.51.100.10/24",
  "ipv4.gateway": "198.51.100.1",
  "dns.servers": "198.51.100.53",
};
const six = {
  "ipv6.method": "static",
  "ipv6.address": "2001:db8::10/64",
  "ipv6.gateway": "2001:db8::1",
} as const;

/** Fields and codes of the problems; checks that each problem's text is complete. */
function told(result: Validation): string[] {
  if (result.ok) return [];
  return result.problems.map((problem) => {
    const { message, example } = describeFieldProblem(problem);
    if (/\{\w+\}|undefined|null/.test(message + example))
      throw new Error(`${problem.code}: ${message} ${example}`);
    return `${settingOf(problem)} ${problem.code}`;
  });
}
const inRole = (role: "lan" | "wan", texts: InterfaceTexts): Typed =>
  Object.fromEntries(
    Object.entries(texts).map(([path, text]) => [`network.${role}.${path}`, text]),
  );
const single = (change: InterfaceTexts): Typed => inRole("lan", { ...lan, ...change });
const split = (onLan: InterfaceTexts, onWan: InterfaceTexts = {}): Typed => ({
  "network.mode": "split",
  hostname: "scanner",
  ...inRole("lan", { ...lan, ...onLan }),
  ...inRole("wan", { ...wan, ...onWan }),
});
const network = (typed: Typed, settings: Settings = defaultSettings) =>
  told(withTexts(settings, typed));

test("the problem of one interface is reported at its field", (t) => {
  const cases: [InterfaceTexts, string][] = [
    [{ ...six, "ipv6.address": "2001:db8::/64" }, "ipv6.address address-is-network"],
    [{ ...six, "ipv6.address": "2001:db8::10" }, "ipv6.address prefix6-missing"],
    [{ ...six, "ipv6.address": "2001:db8::10/129" }, "ipv6.address prefix6-malformed"],
    [{ ...six, "ipv6.address": "2001:db8:::10/64" }, "ipv6.address address6-malformed"],
    [{ ...six, "ipv6.address": "192.0.2.10/24" }, "ipv6.address address-other-family"],
    [
      { ...six, "ipv6.address": "fe80::10/64", "ipv6.gateway": "" },
      "ipv6.address address6-not-usable",
    ],
    [
      { ...six, "ipv6.address": "ff02::1/64", "ipv6.gateway": "" },
      "ipv6.address address6-not-usable",
    ],
    [{ ...six, "ipv6.address": "::1/64", "ipv6.gateway": "" }, "ipv6.address address6-not-usable"],
    [
      { ...six, "ipv6.address": "::ffff:192.0.2.1/96", "ipv6.gateway": "" },
      "ipv6.address address6-not-usable",
    ],
    [{ ...six, "ipv6.gateway": "2001:db8:1::1" }, "ipv6.gateway gateway-outside"],
    [{ ...six, "ipv6.gateway": "2001:db8::10" }, "ipv6.gateway gateway-is-self"],
    [{ ...six, "ipv6.gateway": "ff02::2" }, "ipv6.gateway gateway-not-usable"],
    [{ ...six, "ipv6.gateway": "192.0.2.1" }, "ipv6.gateway address-other-family"],
    [
      { ...six, "ipv4.method": "off", "ipv6.gateway": "", "dns.servers": "2001:db8::53" },
      "ipv6.gateway gateway-required",
    ],
    [{ "ipv4.method": "off", "dns.servers": "" }, "ipv4.method no-address-family"],
    [{ "ipv4.address": "2001:db8::10/64" }, "ipv4.address address-other-family"],
    [{ "ipv4.gateway": "127.0.0.1" }, "ipv4.gateway gateway-not-usable"],
    [{ "dns.servers": "2001:db8::53" }, "dns.servers dns-not-usable"],
    [{ ...six, "dns.servers": "2001:db8::10" }, "dns.servers dns-not-usable"],
    [{ ...six, "dns.servers": "::" }, "dns.servers dns-not-usable"],
    [{ "dns.servers": "192.0.2.255" }, "dns.servers dns-not-usable"],
    [{ vlan: "0" }, "vlan vlan-malformed"],
    [{ vlan: "4095" }, "vlan vlan-malformed"],
    [{ vlan: "ten" }, "vlan vlan-malformed"],
    [{ mtu: "575" }, "mtu mtu-malformed"],
    [{ mtu: "9217" }, "mtu mtu-malformed"],
    [{ mtu: "large" }, "mtu mtu-malformed"],
    [{ ...six, mtu: "1279" }, "mtu mtu-below-ipv6"],
    [{ routes: "10.0.0.0/8" }, "routes route-malformed"],
    [{ routes: "10.0.0.1/8 via 192.0.2.1" }, "routes network-has-host"],
    [{ routes: "10.0.0/8 via 192.0.2.1" }, "routes network-malformed"],
    [{ routes: "224.0.0.0/4 via 192.0.2.1" }, "routes network-not-usable"],
    [{ routes: "default via 192.0.2.1" }, "routes route-is-default"],
    [{ routes: "0.0.0.0/0 via 192.0.2.1" }, "routes route-is-default"],
    [{ ...six, routes: "::/0 via fe80::1" }, "routes route-is-default"],
    [{ routes: "10.0.0.0/8 via 198.51.100.1" }, "routes gateway-outside"],
    [{ routes: "10.0.0.0/8 via 192.0.2.10" }, "routes gateway-is-self"],
    [{ ...six, routes: "10.0.0.0/8 via 2001:db8::1" }, "routes route-other-family"],
    [{ routes: "2001:db8:5::/48 via fe80::1" }, "routes gateway-not-usable"],
    [{ routes: "192.0.2.0/24 via 192.0.2.1" }, "routes route-to-own-network"],
    [{ routes: "10.0.0.0/8 via 192.0.2.1\n10.0.0.0 255.0.0.0 via 192.0.2.2" }, "routes duplicate"],
    [{ routes: "10.0.0.0/8 via 192.0.2.1 metric 4294967295" }, "routes metric-malformed"],
  ];
  for (const [change, expected] of cases)
    t.deepEqual(network(single(change)), [`network.lan.${expected}`], JSON.stringify(change));
});

test("what is right is taken, in one way of writing", (t) => {
  const result = withTexts(
    defaultSettings,
    single({
      ...six,
      "ipv6.address": " 2001:0DB8:0:0::10 / 64",
      "ipv6.gateway": "FE80::1",
      "dns.servers": "192.0.2.53 2001:DB8::0053",
      vlan: "10",
      mtu: "9000",
      routes: "10.0.0.0 255.0.0.0 via 192.0.2.7 metric 5; 2001:db8:5::/48 via fe80::2",
    }),
  );
  t.deepEqual(told(result), []);
  if (!result.ok) return;
  const { ipv6, dns, vlan, mtu } = result.settings.network.lan;
  t.deepEqual(ipv6, { method: "static", address: "2001:db8::10/64", gateway: "fe80::1" });
  t.deepEqual([dns.servers, vlan, mtu], [["192.0.2.53", "2001:db8::53"], 10, 9000]);
  t.is(
    textsOf(result.settings, "network")["network.lan.routes"],
    "10.0.0.0/8 via 192.0.2.7 metric 5, 2001:db8:5::/48 via fe80::2",
  );
  // Without a way out by IPv4, one by IPv6 is enough; RFC 6164's links of two have no first address
  // that is the routers'.
  t.deepEqual(network(single({ ...six, "ipv4.method": "off", "dns.servers": "2001:db8::53" })), []);
  t.deepEqual(
    network(single({ ...six, "ipv6.address": "2001:db8::/127", "ipv6.gateway": "2001:db8::1" })),
    [],
  );
});

test("two sides that get in each other's way are refused with words", (t) => {
  t.deepEqual(network(split({})), []);
  t.deepEqual(
    network(split({ "ipv4.gateway": "", "dns.servers": "" })),
    [],
    "the LAN needs no way out and no names",
  );
  const cases: [Typed, string][] = [
    [split({}, { "ipv4.gateway": "" }), "network.wan.ipv4.gateway gateway-required"],
    [split({}, { "dns.servers": "" }), "network.wan.dns.servers dns-required"],
    [
      split({}, { "ipv4.address": "192.0.2.20/24", "ipv4.gateway": "192.0.2.1" }),
      "network.wan.ipv4.address same-network",
    ],
    [
      split({}, { "ipv4.address": "192.0.2.10/23", "ipv4.gateway": "192.0.3.1" }),
      "network.wan.ipv4.address duplicate",
    ],
    [split({}, { "dns.servers": "192.0.2.53" }), "network.wan.dns.servers in-lan-network"],
    [
      split(
        { "ipv4.address": "198.51.100.130/25", "ipv4.gateway": "" },
        { "ipv4.gateway": "198.51.100.129" },
      ),
      "network.wan.ipv4.gateway in-lan-network",
    ],
    [
      split({ macAddress: "52:54:00:00:00:01" }, { macAddress: "52-54-00-00-00-01" }),
      "network.wan.macAddress same-card",
    ],
    [
      split({ macAddress: "52:54:00:00:00:01", vlan: "5" }, { macAddress: "52:54:00:00:00:01" }),
      "network.wan.macAddress same-card",
    ],
    [
      split(
        { macAddress: "52:54:00:00:00:01", vlan: "5" },
        { macAddress: "52:54:00:00:00:01", vlan: "5" },
      ),
      "network.wan.vlan same-vlan",
    ],
  ];
  for (const [form, expected] of cases) {
    const problems = network(form);
    t.true(problems.includes(expected), `${expected}: ${problems.join()}`);
  }
  t.deepEqual(
    network(
      split(
        { macAddress: "52:54:00:00:00:01", vlan: "5" },
        { macAddress: "52:54:00:00:00:01", vlan: "6" },
      ),
    ),
    [],
  );
  // The WAN's longer prefix is the kernel's way.
  t.deepEqual(network(split({ "ipv4.address": "198.51.0.10/16", "ipv4.gateway": "" })), []);
});

test("in split mode a proxy, platform or time server within the LAN is refused, and the problem names its form", (t) => {
  const inLan = (settings: Partial<Settings>) =>
    withTexts({ ...defaultSettings, ...settings }, split({}));
  const http = withTexts(defaultSettings, { "proxy.kind": "http", "proxy.host": "192.0.2.20" });
  const pac = withTexts(defaultSettings, {
    "proxy.kind": "pac",
    "proxy.url": "http://192.0.2.20/proxy.pac",
  });
  if (!http.ok || !pac.ok) return t.fail();
  t.deepEqual(told(inLan(http.settings)), ["proxy.host in-lan-network"]);
  t.deepEqual(told(inLan(pac.settings)), ["proxy.url in-lan-network"]);
  const platform = inLan({ platform: { url: "https://192.0.2.30:8443" } });
  t.deepEqual(told(platform), ["platform.url in-lan-network"]);
  t.deepEqual(platform.ok ? [] : platform.problems.map(formNameOf), ["platform"]);
  t.deepEqual(told(inLan({ time: { servers: ["192.0.2.123"] } })), ["time.servers in-lan-network"]);
  t.deepEqual(told(inLan({ platform: { url: "https://203.0.113.5" } })), []);
});

test("each kind of proxy is refused or taken by its own rules", (t) => {
  const base = {
    kind: "http",
    host: "proxy.example.org",
    authentication: "automatic",
  };
  const proxy = (change: Record<string, string>) =>
    told(
      withTexts(
        defaultSettings,
        Object.fromEntries(
          Object.entries({ ...base, ...change }).map(([name, text]) => [`proxy.${name}`, text]),
        ),
      ),
    );
  const cases: [Record<string, string>, string[]][] = [
    [{}, []],
    [{ host: "2001:db8::20" }, []],
    [{ host: "0.0.0.0" }, ["proxy.host host-not-usable"]],
    [{ authentication: "ntlm", user: "EXAMPLE\\anna" }, []],
    [{ authentication: "ntlm", user: "EX\\AMPLE\\anna" }, ["proxy.user proxy-user-domain"]],
    [{ authentication: "negotiate", user: "anna@EXAMPLE.ORG" }, []],
    [{ authentication: "negotiate", user: "anna" }, ["proxy.user proxy-user-realm"]],
    [{ authentication: "digest", user: "" }, ["proxy.user proxy-user-required"]],
    [{ authentication: "basic", user: "a".repeat(201) }, ["proxy.user too-long"]],
    [{ kind: "socks5", user: "" }, []],
    [{ kind: "socks5", user: "ä".repeat(128), authentication: "basic" }, ["proxy.user too-long"]],
    [{ kind: "pac", host: "", url: "http://wpad.example.org/proxy.pac" }, []],
    [{ kind: "pac", url: "ftp://wpad.example.org/proxy.pac" }, ["proxy.url pac-url-malformed"]],
    [{ kind: "pac", url: "http://anna:pw@wpad.example.org/" }, ["proxy.url pac-url-malformed"]],
    [
      {
        bypass:
          "intranet.example.org .example.net *.example.com 192.0.2.0/24 2001:db8::/32 [2001:db8::1]:443 192.0.2.7:8443 *",
      },
      [],
    ],
    [{ bypass: "http://intranet" }, ["proxy.bypass bypass-malformed"]],
    [{ bypass: "192.0.2.300" }, ["proxy.bypass bypass-malformed"]],
    [{ bypass: "a.example, A.example" }, ["proxy.bypass duplicate"]],
    [
      { bypass: Array.from({ length: 51 }, (_, index) => `h${index}.example`).join() },
      ["proxy.bypass too-many"],
    ],
  ];
  for (const [change, expected] of cases)
    t.deepEqual(proxy(change), expected, JSON.stringify(change));
});

test("whatever the bypass list lets in is read by what makes the connections", (t) => {
  fc.assert(
    fc.property(validSettings, ({ proxy }) => {
      if (proxy.kind === "none") return;
      for (const entry of proxy.bypass) t.true(readBypassList([entry]).ok, entry);
    }),
    { numRuns: 100 },
  );
});

test("only certificates of authorities are accepted; a key has its own problem", async (t) => {
  const authority = await makeTestAuthority("Example Inspection");
  const server = await authority.issue(["server.example.org"]);
  const trust = (certificates: string) =>
    told(withTexts(defaultSettings, { "trust.certificates": certificates }));
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
  t.deepEqual(trust(`subject=CN=Example\n${authority.certificate}\n`), []);
  t.deepEqual(trust(`${authority.certificate}\n${key}`), ["trust.certificates certificate-is-key"]);
  t.deepEqual(trust(server.certificate), ["trust.certificates certificate-not-authority"]);
  t.deepEqual(trust("hello"), ["trust.certificates certificate-malformed"]);
  for (const cut of [
    "-----BEGIN CERTIFICATE-----\naaaa\n-----END CERTIFICATE-----",
    authority.certificate.slice(0, 300),
    authority.certificate.replace(/\n.{20}/, "\n"),
  ])
    t.deepEqual(trust(cut), ["trust.certificates certificate-damaged"], cut);
  t.deepEqual(trust(`${authority.certificate}\n${authority.certificate}`), [
    "trust.certificates duplicate",
  ]);
  t.deepEqual(trust(""), []);
  const both = validateSettings({
    ...defaultSettings,
    trust: { certificates: [`${authority.certificate}\n${authority.certificate}`] },
  });
  t.deepEqual(told(both), ["trust.certificates certificate-several"]);
  t.like(describeCertificate(authority.certificate), {
    subject: "Example Inspection",
    issuer: "Example Inspection",
  });
});

test("time, scans and console are checked at their fields", (t) => {
  t.deepEqual(
    told(
      withTexts(defaultSettings, { "time.servers": "ntp.example.org 192.0.2.123 2001:db8::123" }),
    ),
    [],
  );
  t.deepEqual(told(withTexts(defaultSettings, { "time.servers": "ntp$1" })), [
    "time.servers time-server-malformed",
  ]);
  t.deepEqual(told(withTexts(defaultSettings, { "time.servers": "224.0.1.1" })), [
    "time.servers host-not-usable",
  ]);
  const scan = (exclusions: string, timeZone = "Europe/Berlin") =>
    withTexts(defaultSettings, { "scan.exclusions": exclusions, "scan.timeZone": timeZone });
  const taken = scan("192.0.2.7, 192.0.2.10 - 192.0.2.20\n198.51.100.77/24");
  t.deepEqual(taken.ok && textsOf(taken.settings, "scan"), {
    "scan.exclusions": "192.0.2.7 192.0.2.10-192.0.2.20 198.51.100.0/24",
  });
  t.is(taken.ok && textsOf(taken.settings, "time")["scan.timeZone"], "Europe/Berlin");
  t.deepEqual(told(scan("192.0.2.20-192.0.2.10")), ["scan.exclusions exclusion-malformed"]);
  t.deepEqual(told(scan("", "Berlin")), ["scan.timeZone time-zone-malformed"]);
  t.deepEqual(told(scan("", "+01:00")), ["scan.timeZone time-zone-malformed"]);
  const atConsole = (typed: Typed) => told(withTexts(defaultSettings, typed));
  t.deepEqual(atConsole({ "console.keyboard": "DE", "console.lockAfterMinutes": "" }), []);
  t.deepEqual(atConsole({ "console.keyboard": "klingon" }), ["console.keyboard keyboard-unknown"]);
  t.deepEqual(atConsole({ "console.lockAfterMinutes": "241" }), [
    "console.lockAfterMinutes minutes-malformed",
  ]);
  t.deepEqual(atConsole({ "console.lockAfterMinutes": "soon" }), [
    "console.lockAfterMinutes minutes-malformed",
  ]);
});

test("what is generated as valid is valid and canonical, and forms bring it back as it was", (t) => {
  fc.assert(
    fc.property(validSettings, (settings) => {
      t.deepEqual(validateSettings(settings), { ok: true, settings });
      for (const form of formNames) {
        // A platform that is not set is no text of its form: it has to be typed.
        if (form === "platform" && settings.platform.url === null) continue;
        t.deepEqual(withTexts(settings, textsOf(settings, form)), { ok: true, settings }, form);
      }
    }),
    { numRuns: 60 },
  );
});
