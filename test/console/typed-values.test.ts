import test from "ava";
import { contextOf } from "../../console/app/state.ts";
import type { FieldDefinition } from "../../console/fields/form.ts";
import { editText, textField } from "../../console/fields/text-field.ts";
import { character } from "../../console/page/key.ts";
import { enrolmentFields, startEnrolment } from "../../console/screens/enrolment/model.ts";
import { networkFields } from "../../console/screens/network/fields.ts";
import { proxyFields } from "../../console/screens/proxy/fields.ts";
import { consoleForm, limitsForm, timeForm } from "../../console/screens/settings-form/kinds.ts";
import { makeActivationCode, parseActivationCode } from "../../src/base/activation-code.ts";
import { type Texts, textsOf, withTexts } from "../../src/settings/form.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { seededRandom } from "../testkit/seeded.ts";
import { Person } from "./person.ts";

interface FormUnderTest {
  name: string;
  fields: readonly FieldDefinition<string>[];
  /** Whether the settings accept a field's text. */
  takes(field: string, text: string): boolean;
  texts: Readonly<Record<string, readonly string[]>>;
}

const context = contextOf((await Person.at("two-nics")).state);
const settings = defaultSettings;

const networkTexts = {
  ...textsOf(settings, "network"),
  "network.lan.ipv4.method": "static",
  "network.lan.ipv4.address": "192.0.2.10/24",
  "network.lan.ipv4.gateway": "192.0.2.1",
  "network.lan.dns.servers": "192.0.2.53",
  "network.lan.ipv6.method": "static",
  "network.lan.ipv6.address": "2001:db8::10/64",
};
const proxyTexts = {
  ...textsOf(settings, "proxy"),
  "proxy.host": "proxy.example.org",
  "proxy.url": "http://proxy.example.org/proxy.pac",
  "proxy.user": "scanner",
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

/** Whether the settings take a field's text, beside these of its form. */
const takes = (texts: Partial<Texts>) => (field: string, text: string) =>
  withTexts(settings, { ...texts, [field]: text }).ok;

const forms: readonly FormUnderTest[] = [
  {
    name: "network",
    fields: networkFields({ ...networkTexts, more: "yes" }, context),
    takes: takes(networkTexts),
    texts: {
      hostname: ["outrider-7", "Scanner"],
      "network.lan.ipv4.address": ["192.0.2.10/24", "192.0.2.10 255.255.255.0", "192.0.2.10 / 24"],
      "network.lan.ipv4.gateway": ["192.0.2.1"],
      "network.lan.dns.servers": ["192.0.2.53", "192.0.2.53, 2001:db8::53 2001:DB8::54"],
      "network.lan.dns.search": ["example.org, lab-2.example.org."],
      "network.lan.ipv6.address": ["2001:db8::10/64", "2001:db8::192.0.2.10/64", "2001:DB8::10 64"],
      "network.lan.ipv6.gateway": ["fe80::1", "2001:db8::1"],
      "network.lan.vlan": ["4094"],
      "network.lan.mtu": ["9216"],
      "network.lan.routes": ["10.0.0.0/8 via 192.0.2.2 metric 50, 2001:db8:1::/48 via fe80::2"],
    },
  },
  ...kinds.map((kind): FormUnderTest => {
    const texts = { ...proxyTexts, "proxy.kind": kind, "proxy.authentication": "basic" };
    return {
      name: `proxy ${kind}`,
      fields: proxyFields({ ...texts, password: "" }, false, context),
      takes: takes(texts),
      texts: {
        "proxy.host": hosts,
        "proxy.port": ["65535"],
        "proxy.url": [
          "http://proxy.example.org/proxy.pac?side=wan&x=1",
          "https://[2001:db8::1]:8443/~a/proxy.pac",
        ],
        "proxy.user": ["scanner", "CORP\\scanner", "scanner@EXAMPLE.ORG", "J\u00fcrgen"],
        password: ["p\u00e4ss w\u00f6rd"],
        "proxy.bypass": [
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
        : withTexts(settings, { "platform.url": text }).ok,
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
    fields: timeForm.fields(timeForm.start(settings), context),
    takes: takes({}),
    texts: {
      "time.servers": ["ntp.example.org, 192.0.2.123 2001:db8::123", "[2001:db8::123]"],
      "scan.timeZone": ["Europe/Berlin", "America/Port-au-Prince", "Etc/GMT+5", "America/New_York"],
    },
  },
  {
    name: "limits",
    fields: limitsForm.fields(limitsForm.start(settings), context),
    takes: takes({}),
    texts: {
      "scan.exclusions": [
        "192.0.2.7, 198.51.100.0/24 192.0.2.20-192.0.2.29",
        "2001:db8::/120 2001:DB8::192.0.2.1",
      ],
    },
  },
  {
    name: "console",
    fields: consoleForm.fields(consoleForm.start(settings), context),
    takes: takes({}),
    texts: { trial: ["y-z @"], "console.lockAfterMinutes": ["240"] },
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
