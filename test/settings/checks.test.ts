import { generateKeyPairSync } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { type Validation, validateSettings } from "../../src/settings/checks/validate.ts";
import { describeCertificate } from "../../src/settings/fields.ts";
import {
  consoleFormOf,
  formFieldOf,
  formNameOf,
  type InterfaceForm,
  type NetworkForm,
  networkFormOf,
  type ProxyForm,
  proxyFormOf,
  routeText,
  scanFormOf,
  withConsoleForm,
  withNetworkForm,
  withProxyForm,
  withScanForm,
  withTimeForm,
  withTrustForm,
} from "../../src/settings/form.ts";
import { describeFieldProblem } from "../../src/settings/model/problems.ts";
import { defaultSettings, type Settings } from "../../src/settings/model/schema.ts";
import { readBypassList } from "../../src/transport/proxy/bypass.ts";
import { validSettings } from "../testkit/configd/valid-settings.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";

const opened = networkFormOf(defaultSettings);
const lan: InterfaceForm = {
  ...opened.lan,
  ipv4Method: "static",
  ipv4Address: "192.0.2.10/24",
  ipv4Gateway: "192.0.2.1",
  dnsServers: "192.0.2.53",
};
const wan: InterfaceForm = {
  ...lan,
  ipv4Address: "198.51.100.10/24",
  ipv4Gateway: "198.51.100.1",
  dnsServers: "198.51.100.53",
};
const six = {
  ipv6Method: "static",
  ipv6Address: "2001:db8::10/64",
  ipv6Gateway: "2001:db8::1",
} as const;

/** Fields and codes of what is wrong; each has words without gaps. */
function told(result: Validation): string[] {
  if (result.ok) return [];
  return result.problems.map((problem) => {
    const { message, example } = describeFieldProblem(problem);
    if (/\{\w+\}|undefined|null/.test(message + example))
      throw new Error(`${problem.code}: ${message} ${example}`);
    return `${formFieldOf(problem)} ${problem.code}`;
  });
}
const single = (change: Partial<InterfaceForm>): NetworkForm => ({
  ...opened,
  lan: { ...lan, ...change },
});
const split = (onLan: Partial<InterfaceForm>, onWan: Partial<InterfaceForm> = {}): NetworkForm => ({
  mode: "split",
  hostname: "scanner",
  lan: { ...lan, ...onLan },
  wan: { ...wan, ...onWan },
});
const network = (form: NetworkForm, settings: Settings = defaultSettings) =>
  told(withNetworkForm(settings, form));

test("what is wrong with one interface is told at its field", (t) => {
  const cases: [Partial<InterfaceForm>, string][] = [
    [{ ...six, ipv6Address: "2001:db8::/64" }, "ipv6Address address-is-network"],
    [{ ...six, ipv6Address: "2001:db8::10" }, "ipv6Address prefix6-missing"],
    [{ ...six, ipv6Address: "2001:db8::10/129" }, "ipv6Address prefix6-malformed"],
    [{ ...six, ipv6Address: "2001:db8:::10/64" }, "ipv6Address address6-malformed"],
    [{ ...six, ipv6Address: "192.0.2.10/24" }, "ipv6Address address-other-family"],
    [{ ...six, ipv6Address: "fe80::10/64", ipv6Gateway: "" }, "ipv6Address address6-not-usable"],
    [{ ...six, ipv6Address: "ff02::1/64", ipv6Gateway: "" }, "ipv6Address address6-not-usable"],
    [{ ...six, ipv6Address: "::1/64", ipv6Gateway: "" }, "ipv6Address address6-not-usable"],
    [
      { ...six, ipv6Address: "::ffff:192.0.2.1/96", ipv6Gateway: "" },
      "ipv6Address address6-not-usable",
    ],
    [{ ...six, ipv6Gateway: "2001:db8:1::1" }, "ipv6Gateway gateway-outside"],
    [{ ...six, ipv6Gateway: "2001:db8::10" }, "ipv6Gateway gateway-is-self"],
    [{ ...six, ipv6Gateway: "ff02::2" }, "ipv6Gateway gateway-not-usable"],
    [{ ...six, ipv6Gateway: "192.0.2.1" }, "ipv6Gateway address-other-family"],
    [
      { ...six, ipv4Method: "off", ipv6Gateway: "", dnsServers: "2001:db8::53" },
      "ipv6Gateway gateway-required",
    ],
    [{ ipv4Method: "off", dnsServers: "" }, "ipv4Method no-address-family"],
    [{ ipv4Address: "2001:db8::10/64" }, "ipv4Address address-other-family"],
    [{ ipv4Gateway: "127.0.0.1" }, "ipv4Gateway gateway-not-usable"],
    [{ dnsServers: "2001:db8::53" }, "dnsServers dns-not-usable"],
    [{ ...six, dnsServers: "2001:db8::10" }, "dnsServers dns-not-usable"],
    [{ ...six, dnsServers: "::" }, "dnsServers dns-not-usable"],
    [{ dnsServers: "192.0.2.255" }, "dnsServers dns-not-usable"],
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
    t.deepEqual(network(single(change)), [`lan.${expected}`], JSON.stringify(change));
});

test("what is right is taken, in one way of writing", (t) => {
  const result = withNetworkForm(
    defaultSettings,
    single({
      ...six,
      ipv6Address: " 2001:0DB8:0:0::10 / 64",
      ipv6Gateway: "FE80::1",
      dnsServers: "192.0.2.53 2001:DB8::0053",
      vlan: "10",
      mtu: "9000",
      routes: "10.0.0.0 255.0.0.0 via 192.0.2.7 metric 5; 2001:db8:5::/48 via fe80::2",
    }),
  );
  t.deepEqual(told(result), []);
  if (!result.ok) return;
  const { ipv6, dns, routes, vlan, mtu } = result.settings.network.lan;
  t.deepEqual(ipv6, { method: "static", address: "2001:db8::10/64", gateway: "fe80::1" });
  t.deepEqual([dns.servers, vlan, mtu], [["192.0.2.53", "2001:db8::53"], 10, 9000]);
  t.deepEqual(routes.map(routeText), [
    "10.0.0.0/8 via 192.0.2.7 metric 5",
    "2001:db8:5::/48 via fe80::2",
  ]);
  // Without a way out by IPv4, one by IPv6 is enough; RFC 6164's links of two have no first address
  // that is the routers'.
  t.deepEqual(network(single({ ...six, ipv4Method: "off", dnsServers: "2001:db8::53" })), []);
  t.deepEqual(
    network(single({ ...six, ipv6Address: "2001:db8::/127", ipv6Gateway: "2001:db8::1" })),
    [],
  );
});

test("two sides that get in each other's way are refused with words", (t) => {
  t.deepEqual(network(split({})), []);
  t.deepEqual(
    network(split({ ipv4Gateway: "", dnsServers: "" })),
    [],
    "the LAN needs no way out and no names",
  );
  const cases: [NetworkForm, string][] = [
    [split({}, { ipv4Gateway: "" }), "wan.ipv4Gateway gateway-required"],
    [split({}, { dnsServers: "" }), "wan.dnsServers dns-required"],
    [
      split({}, { ipv4Address: "192.0.2.20/24", ipv4Gateway: "192.0.2.1" }),
      "wan.ipv4Address same-network",
    ],
    [
      split({}, { ipv4Address: "192.0.2.10/23", ipv4Gateway: "192.0.3.1" }),
      "wan.ipv4Address duplicate",
    ],
    [split({}, { dnsServers: "192.0.2.53" }), "wan.dnsServers in-lan-network"],
    [
      split(
        { ipv4Address: "198.51.100.130/25", ipv4Gateway: "" },
        { ipv4Gateway: "198.51.100.129" },
      ),
      "wan.ipv4Gateway in-lan-network",
    ],
    [split({ nic: "52:54:00:00:00:01" }, { nic: "52-54-00-00-00-01" }), "wan.nic same-card"],
    [
      split({ nic: "52:54:00:00:00:01", vlan: "5" }, { nic: "52:54:00:00:00:01" }),
      "wan.nic same-card",
    ],
    [
      split({ nic: "52:54:00:00:00:01", vlan: "5" }, { nic: "52:54:00:00:00:01", vlan: "5" }),
      "wan.vlan same-vlan",
    ],
  ];
  for (const [form, expected] of cases) {
    const problems = network(form);
    t.true(problems.includes(expected), `${expected}: ${problems.join()}`);
  }
  t.deepEqual(
    network(
      split({ nic: "52:54:00:00:00:01", vlan: "5" }, { nic: "52:54:00:00:00:01", vlan: "6" }),
    ),
    [],
  );
  // The WAN's longer prefix is the kernel's way.
  t.deepEqual(network(split({ ipv4Address: "198.51.0.10/16", ipv4Gateway: "" })), []);
});

test("in split mode a proxy, platform or time server within the LAN is refused, and the problem names its form", (t) => {
  const inLan = (settings: Partial<Settings>) =>
    withNetworkForm({ ...defaultSettings, ...settings }, split({}));
  const http = withProxyForm(defaultSettings, {
    ...proxyFormOf(defaultSettings),
    kind: "http",
    host: "192.0.2.20",
  });
  const pac = withProxyForm(defaultSettings, {
    ...proxyFormOf(defaultSettings),
    kind: "pac",
    url: "http://192.0.2.20/proxy.pac",
  });
  if (!http.ok || !pac.ok) return t.fail();
  t.deepEqual(told(inLan(http.settings)), ["host in-lan-network"]);
  t.deepEqual(told(inLan(pac.settings)), ["url in-lan-network"]);
  const platform = inLan({ platform: { url: "https://192.0.2.30:8443" } });
  t.deepEqual(told(platform), ["url in-lan-network"]);
  t.deepEqual(platform.ok ? [] : platform.problems.map(formNameOf), ["platform"]);
  t.deepEqual(told(inLan({ time: { servers: ["192.0.2.123"] } })), ["timeServers in-lan-network"]);
  t.deepEqual(told(inLan({ platform: { url: "https://203.0.113.5" } })), []);
});

test("each kind of proxy is refused or taken by its own rules", (t) => {
  const base: ProxyForm = {
    ...proxyFormOf(defaultSettings),
    kind: "http",
    host: "proxy.example.org",
    authentication: "automatic",
  };
  const proxy = (change: Partial<ProxyForm>) =>
    told(withProxyForm(defaultSettings, { ...base, ...change }));
  const cases: [Partial<ProxyForm>, string[]][] = [
    [{}, []],
    [{ host: "2001:db8::20" }, []],
    [{ host: "0.0.0.0" }, ["host host-not-usable"]],
    [{ authentication: "ntlm", user: "EXAMPLE\\anna" }, []],
    [{ authentication: "ntlm", user: "EX\\AMPLE\\anna" }, ["user proxy-user-domain"]],
    [{ authentication: "negotiate", user: "anna@EXAMPLE.ORG" }, []],
    [{ authentication: "negotiate", user: "anna" }, ["user proxy-user-realm"]],
    [{ authentication: "digest", user: "" }, ["user proxy-user-required"]],
    [{ authentication: "basic", user: "a".repeat(201) }, ["user too-long"]],
    [{ kind: "socks5", user: "" }, []],
    [{ kind: "socks5", user: "ä".repeat(128), authentication: "basic" }, ["user too-long"]],
    [{ kind: "pac", host: "", url: "http://wpad.example.org/proxy.pac" }, []],
    [{ kind: "pac", url: "ftp://wpad.example.org/proxy.pac" }, ["url pac-url-malformed"]],
    [{ kind: "pac", url: "http://anna:pw@wpad.example.org/" }, ["url pac-url-malformed"]],
    [
      {
        bypass:
          "intranet.example.org .example.net *.example.com 192.0.2.0/24 2001:db8::/32 [2001:db8::1]:443 192.0.2.7:8443 *",
      },
      [],
    ],
    [{ bypass: "http://intranet" }, ["bypass bypass-malformed"]],
    [{ bypass: "192.0.2.300" }, ["bypass bypass-malformed"]],
    [{ bypass: "a.example, A.example" }, ["bypass duplicate"]],
    [
      { bypass: Array.from({ length: 51 }, (_, index) => `h${index}.example`).join() },
      ["bypass too-many"],
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

test("of certificates only those of authorities are taken; a key is told from a certificate", async (t) => {
  const authority = await makeTestAuthority("Example Inspection");
  const server = await authority.issue(["server.example.org"]);
  const trust = (certificates: string) => told(withTrustForm(defaultSettings, { certificates }));
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
  t.deepEqual(trust(`subject=CN=Example\n${authority.certificate}\n`), []);
  t.deepEqual(trust(`${authority.certificate}\n${key}`), ["certificates certificate-is-key"]);
  t.deepEqual(trust(server.certificate), ["certificates certificate-not-authority"]);
  t.deepEqual(trust("hello"), ["certificates certificate-malformed"]);
  t.deepEqual(trust("-----BEGIN CERTIFICATE-----\naaaa\n-----END CERTIFICATE-----"), [
    "certificates certificate-malformed",
  ]);
  t.deepEqual(trust(`${authority.certificate}\n${authority.certificate}`), [
    "certificates duplicate",
  ]);
  t.deepEqual(trust(""), []);
  const both = validateSettings({
    ...defaultSettings,
    trust: { certificates: [`${authority.certificate}\n${authority.certificate}`] },
  });
  t.deepEqual(told(both), ["certificates certificate-several"]);
  t.like(describeCertificate(authority.certificate), {
    subject: "Example Inspection",
    issuer: "Example Inspection",
  });
});

test("time, scans and console are checked at their fields", (t) => {
  t.deepEqual(
    told(
      withTimeForm(defaultSettings, { timeServers: "ntp.example.org 192.0.2.123 2001:db8::123" }),
    ),
    [],
  );
  t.deepEqual(told(withTimeForm(defaultSettings, { timeServers: "ntp_1" })), [
    "timeServers time-server-malformed",
  ]);
  t.deepEqual(told(withTimeForm(defaultSettings, { timeServers: "224.0.1.1" })), [
    "timeServers host-not-usable",
  ]);
  const scan = (exclusions: string, timeZone = "Europe/Berlin") =>
    withScanForm(defaultSettings, { exclusions, timeZone });
  const taken = scan("192.0.2.7, 192.0.2.10 - 192.0.2.20\n198.51.100.77/24");
  t.deepEqual(taken.ok && scanFormOf(taken.settings), {
    exclusions: "192.0.2.7 192.0.2.10-192.0.2.20 198.51.100.0/24",
    timeZone: "Europe/Berlin",
  });
  t.deepEqual(told(scan("192.0.2.20-192.0.2.10")), ["exclusions exclusion-malformed"]);
  t.deepEqual(told(scan("", "Berlin")), ["timeZone time-zone-malformed"]);
  t.deepEqual(told(scan("", "+01:00")), ["timeZone time-zone-malformed"]);
  const atConsole = (change: object) =>
    told(withConsoleForm(defaultSettings, { ...consoleFormOf(defaultSettings), ...change }));
  t.deepEqual(atConsole({ keyboard: "DE", lockAfterMinutes: "" }), []);
  t.deepEqual(atConsole({ keyboard: "klingon" }), ["keyboard keyboard-unknown"]);
  t.deepEqual(atConsole({ lockAfterMinutes: "241" }), ["lockAfterMinutes minutes-malformed"]);
  t.deepEqual(atConsole({ lockAfterMinutes: "soon" }), ["lockAfterMinutes minutes-malformed"]);
});

test("what is generated as valid is valid and canonical, and forms bring it back as it was", (t) => {
  fc.assert(
    fc.property(validSettings, (settings) => {
      t.deepEqual(validateSettings(settings), { ok: true, settings });
      t.deepEqual(withNetworkForm(settings, networkFormOf(settings)), { ok: true, settings });
      t.deepEqual(withProxyForm(settings, proxyFormOf(settings)), { ok: true, settings });
      t.deepEqual(withScanForm(settings, scanFormOf(settings)), { ok: true, settings });
    }),
    { numRuns: 60 },
  );
});
