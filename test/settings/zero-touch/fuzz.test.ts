import test from "ava";
import fc from "fast-check";
import { compileValidators } from "../../../src/base/validation.ts";
import { validateSettings } from "../../../src/settings/checks/validate.ts";
import { defaultSettings } from "../../../src/settings/model/schema.ts";
import {
  type ZeroTouchFormat,
  zeroTouchFormats,
} from "../../../src/settings/zero-touch/document.ts";
import { zeroTouchFields } from "../../../src/settings/zero-touch/fields.ts";
import { parseProxyUrl } from "../../../src/settings/zero-touch/proxy-url.ts";
import { readZeroTouch } from "../../../src/settings/zero-touch/read.ts";
import { ZeroTouchReport } from "../../../src/settings/zero-touch/report.ts";
import { validSettings } from "../../testkit/configd/valid-settings.ts";

const validators = compileValidators({ ZeroTouchReport });
const names = [
  ...Object.keys(zeroTouchFields),
  "LAN_IP",
  "LAN_Netmask",
  "Enable_WAN_Interface",
  "HTTP_Proxy",
  "USER_DATA",
  "PREFER_USERDATA",
  "PERSCODE",
];

/** Pieces of the parsers' syntax, so that random input gets further than the first character. */
const pieces: Record<ZeroTouchFormat, readonly string[]> = {
  "ovf-environment": [
    "<Environment>",
    "</Environment>",
    "<PropertySection>",
    "</PropertySection>",
    '<Property oe:key="',
    '" oe:value="',
    '"/>',
    "&lt;",
    "&a;",
    "<!DOCTYPE x [",
    '<!ENTITY a "b">',
    "]>",
    "<![CDATA[",
    "]]>",
    "<?xml version='1.0'?>",
    "<!--",
    "-->",
    'xmlns:oe="x"',
  ],
  "user-data": ["=", "\n", "\r\n", "#", '"', "'", "export ", "#cloud-config\n", "outrider:\n  "],
  "settings-yaml": [
    ": ",
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!",
    "version: 2",
    "network",
    "lan",
    "values:\n  ",
    "|",
    ">",
    "? ",
  ],
  "meta-data": ["{", "}", '"', ":", ",", "[", "]", '"meta":', '"hostname":', "null", "1e999"],
  "network-config": [
    "version: 1\nconfig:\n- ",
    "version: 2\nethernets:\n  a:\n    ",
    "vlans: {b: {id: 7, link: a, dhcp4: true}}\n",
    "type: physical\n  subnets:\n  - ",
    "{type: static, address: 192.0.2.10/24, gateway: 192.0.2.1}\n",
    "addresses: [192.0.2.10/24, '2001:db8::1/64']\n    ",
    "routes: [{to: default, via: 192.0.2.1}]\n    ",
    "nameservers: {addresses: [192.0.2.53]}\n    ",
    "match: {macaddress: '52:54:00:12:34:56'}\n    ",
    "dhcp4: yes\n    ",
    ...["- ", ": ", "{", "}", "[", "]", "\n", "  ", "netmask", "mtu: 1400", "network: "],
  ],
  "network-data": [
    '{"links": [',
    '{"id": "a", "type": "phy", "ethernet_mac_address": "52:54:00:12:34:56", "mtu": 1400}',
    '{"id": "b", "type": "vlan", "vlan_link": "a", "vlan_id": 7}',
    '], "networks": [',
    '{"link": "a", "type": "ipv4", "ip_address": "192.0.2.10", "netmask": "255.255.255.0"}',
    '{"link": "b", "type": "ipv6", "ip_address": "2001:db8::1", "netmask": "ffff::", "routes": [',
    '{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "192.0.2.1"}',
    '], "services": [{"type": "dns", "address": "192.0.2.53"}',
    ...["{", "}", "[", "]", ",", ":", '"'],
  ],
  credentials: ["{", "}", '"', ":", ",", "[", "]", "null"],
};

const soup = (format: ZeroTouchFormat) =>
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...pieces[format]) },
        { weight: 2, arbitrary: fc.constantFrom(...names) },
        fc.string({ unit: "binary", maxLength: 12 }),
        fc.ipV4(),
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join(""));

for (const format of zeroTouchFormats) {
  test(`byte soup as ${format} gives valid settings, and problems with a place`, (t) => {
    fc.assert(
      fc.property(fc.oneof(soup(format), fc.string({ unit: "binary", maxLength: 400 })), (text) => {
        const { settings, report } = readZeroTouch(
          [{ format, source: "soup", place: "bowl", text }],
          defaultSettings,
          1,
        );
        if (!validateSettings(settings).ok) return false;
        if (!validators.ZeroTouchReport(report).valid) return false;
        return report.problems.every(
          ({ source, place, message }) =>
            source === "soup" && place.startsWith("bowl") && message !== "",
        );
      }),
      { numRuns: 400 },
    );
    t.pass();
  });
}

test("any values for our names leave settings valid, and no secret in the report", (t) => {
  const value = fc.oneof(
    fc.constantFrom(
      "",
      "dhcp",
      "off",
      "automatic",
      "true",
      "False",
      "192.0.2.10/24",
      "192.0.2.1",
      "2001:db8::1/64",
      "fe80::1",
      "proxy.outrider.test:3128",
      "17",
      "none",
    ),
    fc.ipV4(),
    fc.string({ maxLength: 20 }),
    fc.domain(),
  );
  const given = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 14 });
  fc.assert(
    fc.property(
      given,
      validSettings,
      fc.base64String({ minLength: 24, maxLength: 40 }),
      (values, present, secret) => {
        const text = JSON.stringify({ ...values, proxy_password: secret, activation_code: secret });
        const { settings, report } = readZeroTouch(
          [{ format: "credentials", source: "s", place: "p", text }],
          present,
          1,
        );
        return (
          validateSettings(settings).ok &&
          !JSON.stringify(report).includes(secret) &&
          !JSON.stringify(settings).includes(secret)
        );
      },
    ),
    { numRuns: 600 },
  );
  t.pass();
});

test("any text as a proxy's address is read or refused", (t) => {
  const parts = fc.constantFrom(
    "http://",
    "socks5://",
    "pac+https://",
    "proxy://",
    "@",
    ":",
    "/",
    "%",
    "%41",
    "\\",
    "host",
    "[::1]",
    "8080",
    "user",
    " ",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(parts, fc.string({ maxLength: 5 })), { maxLength: 12 }),
      (pieces) => {
        const parsed = parseProxyUrl(pieces.join(""));
        return parsed === null || parsed.kind === "pac" || parsed.host !== "";
      },
    ),
    { numRuns: 2000 },
  );
  t.pass();
});

test("huge, deep and unfolding texts are refused quickly", (t) => {
  const cases: [ZeroTouchFormat, string][] = [
    ["ovf-environment", "<a>".repeat(20_000)],
    [
      "ovf-environment",
      `<Environment>${"<PropertySection><Property key='hostname' value='a'/></PropertySection>".repeat(500)}</Environment>`,
    ],
    [
      "ovf-environment",
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><Environment>&b;</Environment>',
    ],
    ["settings-yaml", "[".repeat(50_000)],
    ["settings-yaml", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]"],
    ["settings-yaml", "- ".repeat(30_000)],
    ["meta-data", '{"a":'.repeat(10_000)],
    ["credentials", "[".repeat(60_000)],
    ["user-data", "a=b\n".repeat(10_000)],
    ["user-data", "x".repeat(10 * 2 ** 20)],
  ];
  for (const [format, text] of cases) {
    const before = process.cpuUsage();
    const { settings, report } = readZeroTouch(
      [{ format, source: "s", place: "p", text }],
      defaultSettings,
      1,
    );
    t.is(settings.platform.url, null);
    t.true(report.problems.length > 0, `${format} ${text.slice(0, 30)}`);
    t.true(process.cpuUsage(before).user < 20_000_000, `${format} ${text.slice(0, 30)}`);
  }
});
