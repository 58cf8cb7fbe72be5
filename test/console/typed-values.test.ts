import test from "ava";
import { contextOf } from "../../console/app/model.ts";
import type { FieldDefinition } from "../../console/fields/form.ts";
import { editText, textField } from "../../console/fields/text-field.ts";
import { character } from "../../console/page/key.ts";
import { enrolmentFields, startEnrolment } from "../../console/screens/enrolment/model.ts";
import { networkFields } from "../../console/screens/network/fields.ts";
import { proxyFields } from "../../console/screens/proxy/fields.ts";
import { consoleForm, limitsForm, timeForm } from "../../console/screens/settings-form/kinds.ts";
import { makeActivationCode, parseActivationCode } from "../../src/base/activation-code.ts";
import {
  consoleFormOf,
  networkFormOf,
  networkFormOfTexts,
  networkTextsOf,
  proxyFormOf,
  scanFormOf,
  withConsoleForm,
  withNetworkForm,
  withPlatformForm,
  withProxyForm,
  withScanForm,
  withTimeForm,
} from "../../src/settings/form.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { seededRandom } from "../testkit/seeded.ts";
import { Person } from "./person.ts";

interface FormUnderTest {
  name: string;
  fields: readonly FieldDefinition<string>[];
  /** Whether the settings take a field's text. */
  takes(field: string, text: string): boolean;
  texts: Readonly<Record<string, readonly string[]>>;
}

const context = contextOf((await Person.at("two-nics")).state);
const settings = defaultSettings;

const networkTexts = {
  ...networkTextsOf(networkFormOf(settings)),
  "lan.ipv4Method": "static",
  "lan.ipv4Address": "192.0.2.10/24",
  "lan.ipv4Gateway": "192.0.2.1",
  "lan.dnsServers": "192.0.2.53",
  "lan.ipv6Method": "static",
  "lan.ipv6Address": "2001:db8::10/64",
};
const proxyTexts = {
  ...proxyFormOf(settings),
  host: "proxy.example.org",
  url: "http://proxy.example.org/proxy.pac",
  user: "scanner",
  password: "",
};
const kinds = ["http", "socks5", "pac"] as const;
const hosts = [
  "proxy.example.org",
  "PROXY-2",
  "192.0.2.20",
  "2001:db8::1",
  "2001:DB8::192.0.2.1",
  "[2001:db8::1]",
];
const code = makeActivationCode(seededRandom(1).bytes(18)).text;

const forms: readonly FormUnderTest[] = [
  {
    name: "network",
    fields: networkFields({ ...networkTexts, more: "yes" }, context),
    takes: (field, text) =>
      withNetworkForm(settings, networkFormOfTexts({ ...networkTexts, [field]: text })).ok,
    texts: {
      hostname: ["outrider-7", "Scanner"],
      "lan.ipv4Address": ["192.0.2.10/24", "192.0.2.10 255.255.255.0", "192.0.2.10 / 24"],
      "lan.ipv4Gateway": ["192.0.2.1"],
      "lan.dnsServers": ["192.0.2.53", "192.0.2.53, 2001:db8::53 2001:DB8::54"],
      "lan.searchDomains": ["example.org, lab-2.example.org."],
      "lan.ipv6Address": ["2001:db8::10/64", "2001:db8::192.0.2.10/64", "2001:DB8::10 64"],
      "lan.ipv6Gateway": ["fe80::1", "2001:db8::1"],
      "lan.vlan": ["4094"],
      "lan.mtu": ["9216"],
      "lan.routes": ["10.0.0.0/8 via 192.0.2.2 metric 50, 2001:db8:1::/48 via fe80::2"],
    },
  },
  ...kinds.map((kind): FormUnderTest => {
    const texts = { ...proxyTexts, kind, authentication: "basic" as const };
    return {
      name: `proxy ${kind}`,
      fields: proxyFields(texts, false, context),
      takes: (field, text) => withProxyForm(settings, { ...texts, [field]: text }).ok,
      texts: {
        host: hosts,
        port: ["65535"],
        url: [
          "http://proxy.example.org/proxy.pac?side=wan&x=1",
          "https://[2001:db8::1]:8443/~a/proxy.pac",
        ],
        user: ["scanner", "CORP\\scanner", "scanner@EXAMPLE.ORG", "J\u00fcrgen"],
        password: ["p\u00e4ss w\u00f6rd"],
        bypass: [
          "platform.example.org",
          "*.example.org, .lab:8443",
          "*",
          "192.0.2.0/24 192.0.2.7:443",
          "2001:db8::/32",
          "[2001:db8::1]:443",
          "[2001:db8::]/32:443",
        ],
      },
    };
  }),
  {
    name: "platform",
    fields: enrolmentFields(startEnrolment(settings), context),
    takes: (field, text) =>
      field === "code"
        ? parseActivationCode(text).ok
        : withPlatformForm(settings, { url: text }).ok,
    texts: {
      url: [
        "platform.example.org",
        "https://Platform-2.example.org:8443/",
        "192.0.2.1",
        "https://[2001:db8::1]",
        "[2001:db8::1]:8443",
      ],
      code: [code],
    },
  },
  {
    name: "time",
    fields: timeForm.fields({ timeServers: "" }, context),
    takes: (_field, text) => withTimeForm(settings, { timeServers: text }).ok,
    texts: { timeServers: ["ntp.example.org, 192.0.2.123 2001:db8::123", "[2001:db8::123]"] },
  },
  {
    name: "limits",
    fields: limitsForm.fields(scanFormOf(settings), context),
    takes: (field, text) => withScanForm(settings, { ...scanFormOf(settings), [field]: text }).ok,
    texts: {
      exclusions: [
        "192.0.2.7, 198.51.100.0/24 192.0.2.20-192.0.2.29",
        "2001:db8::/120 2001:DB8::192.0.2.1",
      ],
      timeZone: ["Europe/Berlin", "America/Port-au-Prince", "Etc/GMT+5", "America/New_York"],
    },
  },
  {
    name: "console",
    fields: consoleForm.fields({ ...consoleFormOf(settings), trial: "" }, context),
    takes: (field, text) =>
      withConsoleForm(settings, { ...consoleFormOf(settings), [field]: text }).ok,
    texts: { trial: ["y-z @"], lockAfterMinutes: ["240"] },
  },
];

for (const { name, fields, takes, texts } of forms)
  test(`what the settings take can be typed, field for field: ${name}`, (t) => {
    for (const field of fields) {
      if (field.kind !== "text") continue;
      const examples = texts[field.name] ?? [];
      t.true(examples.length > 0, `${field.name} has no example`);
      for (const text of examples) {
        t.true(takes(field.name, text), `${field.name} is not taken: ${text}`);
        const typed = [...text]
          .map(character)
          .reduce((now, key) => editText(now, key, field.rules).field, textField());
        t.is(typed.text, text, field.name);
      }
    }
  });
