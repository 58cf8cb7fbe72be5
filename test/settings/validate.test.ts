import test from "ava";
import fc from "fast-check";
import { validateSettings } from "../../src/settings/checks/validate.ts";
import { parseMacAddress, parseOwnAddress, parsePlatformUrl } from "../../src/settings/fields.ts";
import {
  formFieldOf,
  type InterfaceForm,
  type NetworkForm,
  networkFormOf,
  networkFormOfTexts,
  networkTextsOf,
  type ProxyForm,
  proxyFormOf,
  withNetworkForm,
  withPlatformForm,
  withProxyForm,
} from "../../src/settings/form.ts";
import { describeFieldProblem } from "../../src/settings/model/problems.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { validSettings } from "../testkit/configd/valid-settings.ts";

const opened = networkFormOf(defaultSettings);
const lan: InterfaceForm = {
  ...opened.lan,
  ipv4Method: "static",
  ipv4Address: "192.0.2.10/24",
  ipv4Gateway: "192.0.2.1",
  dnsServers: "192.0.2.53",
};

/** The network form with the LAN as above, but for what differs. */
function formWith({
  hostname = "scanner-1",
  ...change
}: Partial<InterfaceForm> & { hostname?: string }): NetworkForm {
  return { ...opened, hostname, lan: { ...lan, ...change } };
}

function problemsOf(change: Partial<InterfaceForm> & { hostname?: string }): string[] {
  const result = withNetworkForm(defaultSettings, formWith(change));
  return result.ok
    ? []
    : result.problems.map(
        (problem) => `${formFieldOf(problem)?.replace("lan.", "")} ${problem.code}`,
      );
}

test("what netplan would swallow is refused, with the field", (t) => {
  const cases: [Partial<InterfaceForm> & { hostname?: string }, string][] = [
    [{ ipv4Address: "192.0.2.0/24" }, "ipv4Address address-is-network"],
    [{ ipv4Address: "192.0.2.255/24" }, "ipv4Address address-is-broadcast"],
    [{ ipv4Address: "224.0.0.5/24" }, "ipv4Address address-not-usable"],
    [{ ipv4Address: "127.0.0.5/8" }, "ipv4Address address-not-usable"],
    [{ ipv4Address: "0.1.2.3/8" }, "ipv4Address address-not-usable"],
    [{ ipv4Address: "240.0.0.1/8" }, "ipv4Address address-not-usable"],
    [{ ipv4Address: "192.0.2.10" }, "ipv4Address prefix-missing"],
    [{ ipv4Address: "192.0.2.10/33" }, "ipv4Address prefix-malformed"],
    [{ ipv4Address: "192.0.2.10/0" }, "ipv4Address prefix-malformed"],
    [{ ipv4Address: "192.0.2.10 255.0.255.0" }, "ipv4Address prefix-malformed"],
    [{ ipv4Address: "192.0.2.010/24" }, "ipv4Address address-leading-zero"],
    [{ ipv4Address: "192.0.2/24" }, "ipv4Address address-malformed"],
    [{ ipv4Address: "" }, "ipv4Address required"],
    [{ ipv4Gateway: "" }, "ipv4Gateway gateway-required"],
    [{ ipv4Gateway: "198.51.100.1" }, "ipv4Gateway gateway-outside"],
    [{ ipv4Gateway: "192.0.2.10" }, "ipv4Gateway gateway-is-self"],
    [{ ipv4Gateway: "192.0.2.255" }, "ipv4Gateway gateway-is-network"],
    [{ dnsServers: "0.0.0.0" }, "dnsServers dns-not-usable"],
    [{ dnsServers: "255.255.255.255" }, "dnsServers dns-not-usable"],
    [{ dnsServers: "127.0.0.53" }, "dnsServers dns-not-usable"],
    [{ dnsServers: "192.0.2.10" }, "dnsServers dns-not-usable"],
    [{ dnsServers: "" }, "dnsServers dns-required"],
    [{ dnsServers: "192.0.2.53, 192.0.2.53" }, "dnsServers duplicate"],
    [
      { dnsServers: "1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7" },
      "dnsServers too-many",
    ],
    [{ searchDomains: "exa_mple.org" }, "searchDomains domain-malformed"],
    [{ hostname: "-x" }, "hostname hostname-malformed"],
    [{ hostname: "localhost" }, "hostname not-valid"],
    [{ nic: "52:54:00:12:34" }, "nic mac-malformed"],
    [{ nic: "01:00:5e:00:00:01" }, "nic mac-malformed"],
  ];
  for (const [change, expected] of cases)
    t.deepEqual(problemsOf(change), [expected], JSON.stringify(change));
});

test("dotted masks and CIDR mean the same", (t) => {
  for (const text of [
    "192.0.2.10/24",
    "192.0.2.10 255.255.255.0",
    " 192.0.2.10 / 255.255.255.0 ",
    "192.0.2.10/255.255.255.0",
  ]) {
    const parsed = parseOwnAddress(text, 4);
    t.is(parsed.ok ? parsed.value.text : parsed.code, "192.0.2.10/24", text);
  }
});

test("point-to-point networks have no addresses at their ends", (t) => {
  t.deepEqual(problemsOf({ ipv4Address: "192.0.2.0/31", ipv4Gateway: "192.0.2.1" }), []);
  t.deepEqual(problemsOf({ ipv4Address: "192.0.2.10/32", ipv4Gateway: "198.51.100.1" }), []);
});

test("a proxy named by its address needs no DNS server", (t) => {
  const withProxy = withProxyForm(defaultSettings, {
    ...proxyFormOf(defaultSettings),
    kind: "http",
    host: "192.0.2.20",
  });
  t.true(withProxy.ok && withNetworkForm(withProxy.settings, formWith({ dnsServers: "" })).ok);
});

test("an interface that is not there is named", (t) => {
  const result = withNetworkForm(defaultSettings, formWith({ nic: "52-54-00-12-34-56" }), {
    macAddresses: ["52:54:00:00:00:01"],
  });
  t.deepEqual(result.ok ? [] : result.problems, [
    {
      field: "network.lan.macAddress",
      code: "interface-missing",
      values: { value: "52:54:00:12:34:56" },
    },
  ]);
});

test("proxy and platform are refused with their fields", (t) => {
  const proxy: ProxyForm = {
    ...proxyFormOf(defaultSettings),
    kind: "http",
    host: "proxy.example.org",
    authentication: "basic",
    user: "anna",
  };
  const codes = (change: object) => {
    const result = withProxyForm(defaultSettings, { ...proxy, ...change });
    return result.ok
      ? []
      : result.problems.map((problem) => `${formFieldOf(problem)} ${problem.code}`);
  };
  t.deepEqual(codes({}), []);
  t.deepEqual(codes({ host: "http://proxy" }), ["host proxy-host-malformed"]);
  t.deepEqual(codes({ port: "0" }), ["port port-malformed"]);
  t.deepEqual(codes({ user: "" }), ["user proxy-user-required"]);
  t.deepEqual(codes({ user: "a:b" }), ["user proxy-user-colon"]);
  t.deepEqual(codes({ host: "", port: "" }), ["port required", "host required"]);
  for (const [url, expected] of [
    ["platform.example.org", "https://platform.example.org"],
    ["https://Platform.example.org:443/", "https://platform.example.org"],
    ["https://platform.example.org:8443", "https://platform.example.org:8443"],
    ["http://platform.example.org", "url-not-https"],
    ["https://user:pw@platform.example.org", "url-malformed"],
    ["https://platform.example.org/path", "url-malformed"],
    ["https://exa mple.org", "url-malformed"],
    ["https://1.2.3", "url-malformed"],
  ]) {
    const parsed = parsePlatformUrl(url ?? "");
    t.is(parsed.ok ? parsed.value : parsed.code, expected ?? "");
  }
  t.false(withPlatformForm(defaultSettings, { url: "" }).ok);
});

test("a MAC address is read in each usual way", (t) => {
  for (const text of ["52:54:00:AB:cd:ef", "52-54-00-ab-cd-ef", "5254.00ab.cdef"])
    t.deepEqual(parseMacAddress(text), { ok: true, value: "52:54:00:ab:cd:ef" });
});

test("valid settings pass the checks unchanged, and through the forms", (t) => {
  fc.assert(
    fc.property(validSettings, (settings) => {
      t.deepEqual(validateSettings(settings), { ok: true, settings });
      const network = withNetworkForm(settings, networkFormOf(settings));
      t.deepEqual(network, { ok: true, settings });
      t.deepEqual(withProxyForm(settings, proxyFormOf(settings)), { ok: true, settings });
    }),
    { numRuns: 100 },
  );
});

test("whatever is typed into the form is taken or refused in words, never thrown at", (t) => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.ipV4(),
    fc.stringMatching(/^[0-9./ :-]{0,20}$/),
    fc.ipV6(),
  );
  const method = fc.constantFrom("dhcp", "static", "off", "automatic");
  fc.assert(
    fc.property(
      fc.record({
        mode: fc.constantFrom("single", "split"),
        hostname: text,
        ...Object.fromEntries(
          ["lan", "wan"].flatMap((role) =>
            Object.keys(lan).map((field) => [
              `${role}.${field}`,
              field.endsWith("Method") ? method : text,
            ]),
          ),
        ),
      }),
      (texts) => {
        const typed = networkFormOfTexts({ ...networkTextsOf(opened), ...texts });
        const result = withNetworkForm(defaultSettings, typed);
        if (result.ok) t.deepEqual(validateSettings(result.settings), result);
        else
          for (const problem of result.problems) {
            const { message, example } = describeFieldProblem(problem);
            t.notRegex(`${message}${example}`, /\{\w+\}|[\u0000-\u001f]/);
            t.not(formFieldOf(problem), null);
          }
      },
    ),
    { numRuns: 200 },
  );
});
