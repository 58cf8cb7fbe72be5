import test from "ava";
import fc from "fast-check";
import { parseMacAddress } from "../../src/settings/checks/interface.ts";
import { validateSettings } from "../../src/settings/checks/validate.ts";
import type { InterfacePath } from "../../src/settings/fields/placed-fields.ts";
import { pathsOf, settingOf, type Texts, textsOf, withTexts } from "../../src/settings/form.ts";
import { describeFieldProblem } from "../../src/settings/model/problems.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { parseOwnAddress } from "../../src/settings/values/addresses.ts";
import { parsePlatformUrl } from "../../src/settings/values/names.ts";
import { validSettings } from "../testkit/configd/valid-settings.ts";

type InterfaceTexts = Partial<Record<InterfacePath, string>>;
type Change = InterfaceTexts & { hostname?: string };

const lan: InterfaceTexts = {
  "ipv4.method": "static",
  "ipv4.address": "192.0.2.10/24",
  "ipv4.gateway": "192.0.2.1",
  "dns.servers": "192.0.2.53",
};

/** The network form with the LAN as above, but for what differs. */
function formWith({ hostname = "scanner-1", ...change }: Change): Partial<Texts> {
  const own = Object.entries({ ...lan, ...change });
  return {
    hostname,
    ...Object.fromEntries(own.map(([path, text]) => [`network.lan.${path}`, text])),
  };
}

function problemsOf(change: Change): string[] {
  const result = withTexts(defaultSettings, formWith(change));
  return result.ok
    ? []
    : result.problems.map(
        (problem) => `${settingOf(problem)?.replace("network.lan.", "")} ${problem.code}`,
      );
}

test("what netplan would swallow is refused, with the field", (t) => {
  const cases: [Change, string][] = [
    [{ "ipv4.address": "192.0.2.0/24" }, "ipv4.address address-is-network"],
    [{ "ipv4.address": "192.0.2.255/24" }, "ipv4.address address-is-broadcast"],
    [{ "ipv4.address": "224.0.0.5/24" }, "ipv4.address address-not-usable"],
    [{ "ipv4.address": "127.0.0.5/8" }, "ipv4.address address-not-usable"],
    [{ "ipv4.address": "0.1.2.3/8" }, "ipv4.address address-not-usable"],
    [{ "ipv4.address": "240.0.0.1/8" }, "ipv4.address address-not-usable"],
    [{ "ipv4.address": "192.0.2.10" }, "ipv4.address prefix-missing"],
    [{ "ipv4.address": "192.0.2.10/33" }, "ipv4.address prefix-malformed"],
    [{ "ipv4.address": "192.0.2.10/0" }, "ipv4.address prefix-malformed"],
    [{ "ipv4.address": "192.0.2.10 255.0.255.0" }, "ipv4.address prefix-malformed"],
    [{ "ipv4.address": "192.0.2.010/24" }, "ipv4.address address-leading-zero"],
    [{ "ipv4.address": "192.0.2/24" }, "ipv4.address address-malformed"],
    [{ "ipv4.address": "" }, "ipv4.address required"],
    [{ "ipv4.gateway": "" }, "ipv4.gateway gateway-required"],
    [{ "ipv4.gateway": "198.51.100.1" }, "ipv4.gateway gateway-outside"],
    [{ "ipv4.gateway": "192.0.2.10" }, "ipv4.gateway gateway-is-self"],
    [{ "ipv4.gateway": "192.0.2.255" }, "ipv4.gateway gateway-is-network"],
    [{ "dns.servers": "localhost" }, "dns.servers dns-named"],
    [{ "dns.servers": "dns.example.org." }, "dns.servers dns-named"],
    [{ "dns.servers": "büro-dns" }, "dns.servers dns-named"],
    [{ "dns.servers": "192.0.2.5e" }, "dns.servers address-malformed"],
    [{ "dns.servers": "0.0.0.0" }, "dns.servers dns-not-usable"],
    [{ "dns.servers": "255.255.255.255" }, "dns.servers dns-not-usable"],
    [{ "dns.servers": "127.0.0.53" }, "dns.servers dns-not-usable"],
    [{ "dns.servers": "192.0.2.10" }, "dns.servers dns-not-usable"],
    [{ "dns.servers": "" }, "dns.servers dns-required"],
    [{ "dns.servers": "192.0.2.53, 192.0.2.53" }, "dns.servers duplicate"],
    [
      { "dns.servers": "1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7" },
      "dns.servers too-many",
    ],
    [{ "dns.search": "exa$mple.org" }, "dns.search domain-malformed"],
    [{ hostname: "-x" }, "hostname hostname-malformed"],
    [{ hostname: "localhost" }, "hostname hostname-not-usable"],
    [{ macAddress: "52:54:00:12:34" }, "macAddress mac-malformed"],
    [{ macAddress: "01:00:5e:00:00:01" }, "macAddress mac-malformed"],
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
  t.deepEqual(problemsOf({ "ipv4.address": "192.0.2.0/31", "ipv4.gateway": "192.0.2.1" }), []);
  t.deepEqual(problemsOf({ "ipv4.address": "192.0.2.10/32", "ipv4.gateway": "198.51.100.1" }), []);
});

test("a proxy named by its address needs no DNS server", (t) => {
  const withProxy = withTexts(defaultSettings, {
    "proxy.kind": "http",
    "proxy.host": "192.0.2.20",
  });
  t.true(withProxy.ok && withTexts(withProxy.settings, formWith({ "dns.servers": "" })).ok);
});

test("an interface that is not there is named", (t) => {
  const result = withTexts(defaultSettings, formWith({ macAddress: "52-54-00-12-34-56" }), {
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
  const proxy: Partial<Texts> = {
    "proxy.kind": "http",
    "proxy.host": "proxy.example.org",
    "proxy.authentication": "basic",
    "proxy.user": "anna",
  };
  const codes = (change: Partial<Texts>) => {
    const result = withTexts(defaultSettings, { ...proxy, ...change });
    return result.ok
      ? []
      : result.problems.map((problem) => `${settingOf(problem)} ${problem.code}`);
  };
  t.deepEqual(codes({}), []);
  t.deepEqual(codes({ "proxy.host": "http://proxy" }), ["proxy.host proxy-host-malformed"]);
  t.deepEqual(codes({ "proxy.port": "0" }), ["proxy.port port-malformed"]);
  t.deepEqual(codes({ "proxy.user": "" }), ["proxy.user proxy-user-required"]);
  t.deepEqual(codes({ "proxy.user": "a:b" }), ["proxy.user proxy-user-colon"]);
  t.deepEqual(codes({ "proxy.host": "", "proxy.port": "" }), [
    "proxy.port required",
    "proxy.host required",
  ]);
  for (const [url, expected] of [
    ["platform.example.org", "https://platform.example.org"],
    ["https://Platform.example.org:443/", "https://platform.example.org"],
    ["https://platform.example.org:8443", "https://platform.example.org:8443"],
    ["http://platform.example.org", "url-not-https"],
    ["https://user:pw@platform.example.org", "url-malformed"],
    ["https://platform.example.org/path", "url-has-path"],
    ["https://exa mple.org", "url-malformed"],
    ["https://1.2.3", "url-malformed"],
  ]) {
    const parsed = parsePlatformUrl(url ?? "");
    t.is(parsed.ok ? parsed.value : parsed.code, expected ?? "");
  }
  t.false(withTexts(defaultSettings, { "platform.url": "" }).ok);
});

test("a MAC address is read in each usual way", (t) => {
  for (const text of ["52:54:00:AB:cd:ef", "52-54-00-ab-cd-ef", "5254.00ab.cdef"])
    t.deepEqual(parseMacAddress(text), { ok: true, value: "52:54:00:ab:cd:ef" });
});

test("valid settings pass the checks unchanged, and through the forms", (t) => {
  fc.assert(
    fc.property(validSettings, (settings) => {
      t.deepEqual(validateSettings(settings), { ok: true, settings });
      const network = withTexts(settings, textsOf(settings, "network"));
      t.deepEqual(network, { ok: true, settings });
      t.deepEqual(withTexts(settings, textsOf(settings, "proxy")), { ok: true, settings });
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
      fc.record(
        Object.fromEntries(
          pathsOf("network").map((path) => [path, path.endsWith("method") ? method : text]),
        ),
      ),
      fc.constantFrom("single", "split"),
      (texts, mode) => {
        const result = withTexts(defaultSettings, { ...texts, "network.mode": mode });
        if (result.ok) t.deepEqual(validateSettings(result.settings), result);
        else
          for (const problem of result.problems) {
            const { message, example } = describeFieldProblem(problem);
            t.notRegex(`${message}${example}`, /\{\w+\}|[\u0000-\u001f]/);
            t.not(settingOf(problem), null);
          }
      },
    ),
    { numRuns: 200 },
  );
});
