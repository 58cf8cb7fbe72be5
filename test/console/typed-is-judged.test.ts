import test from "ava";
import fc from "fast-check";
import { contextOf } from "../../console/app/state.ts";
import {
  type FieldDefinition,
  formTexts,
  startForm,
  updateForm,
  withText,
} from "../../console/fields/form.ts";
import type { Key } from "../../console/page/key.ts";
import { enrolmentFields, startEnrolment } from "../../console/screens/enrolment/model.ts";
import { networkFields } from "../../console/screens/network/fields.ts";
import { pinFields } from "../../console/screens/pin/model.ts";
import { proxyFields } from "../../console/screens/proxy/fields.ts";
import { consoleForm, limitsForm, timeForm } from "../../console/screens/settings-form/kinds.ts";
import { toolFields } from "../../console/screens/tools/fields.ts";
import { startTools } from "../../console/screens/tools/model.ts";
import { startWelcome, welcomeFields } from "../../console/screens/welcome/model.ts";
import { normalizeActivationCode } from "../../src/base/activation-code.ts";
import { toolNames } from "../../src/configd/api/tool-names.ts";
import { textsOf, withTexts } from "../../src/settings/form.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { openPainted } from "./painted.ts";
import { Person } from "./person.ts";

const context = contextOf((await Person.at("two-nics")).state);
const settings = defaultSettings;
const networkTexts = {
  ...textsOf(settings, "network"),
  "network.mode": "split",
  "network.lan.ipv4.method": "static",
  "network.lan.ipv6.method": "static",
  "network.wan.ipv4.method": "static",
  "network.wan.ipv6.method": "static",
};
const proxyTexts = { ...textsOf(settings, "proxy"), "proxy.authentication": "basic", password: "" };
const enrolment = startEnrolment(settings);
const allFields: FieldDefinition<string>[] = [
  ...networkFields({ ...networkTexts, more: "yes" }, context),
  ...(["http", "socks5", "pac"] as const).flatMap((kind) =>
    proxyFields({ ...proxyTexts, "proxy.kind": kind }, false, context),
  ),
  ...enrolmentFields(enrolment, context),
  ...timeForm.fields(timeForm.start(settings), context),
  ...limitsForm.fields(limitsForm.start(settings), context),
  ...consoleForm.fields(consoleForm.start(settings), context),
  ...pinFields(context),
  ...toolNames.flatMap((tool) =>
    toolFields(withText(startTools(context).form, "tool", tool), context),
  ),
  ...welcomeFields(startWelcome(settings), context),
];
const fields = [
  ...new Map(
    allFields.flatMap((field) => (field.kind === "text" ? [[field.name, field] as const] : [])),
  ).values(),
];

/** The text as its judge sees it: separators and case of a code mean nothing. */
const judged = (name: string, text: string) =>
  name === "code" ? normalizeActivationCode(text) : text;

/** The text of a field after keys; a key that leaves the field or does nothing fails the test. */
function textAfter(field: FieldDefinition<string>, keys: readonly Key[]): string {
  let form = startForm<string>({ [field.name]: "" });
  for (const key of keys) form = updateForm(form, key, [field]).form;
  return formTexts(form)[field.name] ?? "";
}

/** What people type: printable, of any script, with the mistakes of the reports among it. */
const typedText = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(..."0123456789abcdefABCDEF.:/-,; _%[]()@'\"\\oOlI|~^+*=!?#$&<>{}"),
          fc.constantFrom("\u00fc", "\u00df", "\u20ac", "\uff10", "\u2013", "\u0416", "\u{1f600}"),
        ),
        { maxLength: 40 },
      )
      .map((all) => all.join("")),
  )
  .filter((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text));

test("the forms have the fields that this file is about", (t) => {
  t.true(fields.length >= 30, `${fields.length} fields`);
});

for (const field of fields)
  test(`what is typed is what is judged: ${field.name}`, (t) => {
    fc.assert(
      fc.property(typedText, fc.integer({ min: 1, max: 7 }), (text, size) => {
        const characters = [...text];
        const chunks: string[] = [];
        for (let at = 0; at < characters.length; at += size)
          chunks.push(characters.slice(at, at + size).join(""));
        for (const pieces of [characters, chunks]) {
          const keys = pieces.map((piece): Key => ({ name: "character", text: piece }));
          t.is(judged(field.name, textAfter(field, keys)), judged(field.name, text));
        }
      }),
      { numRuns: 60 },
    );
  });

test("bytes in any chunks, as keys and as paste, give the text that they are", async (t) => {
  const painted = openPainted({ term: "linux", columns: 80, rows: 24 });
  t.teardown(() => painted.close());
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  await fc.assert(
    fc.asyncProperty(
      typedText,
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      fc.integer({ min: 0, max: fields.length - 1 }),
      async (text, size, pasted, index) => {
        const field = fields[index];
        if (!field) return;
        painted.keys.length = 0;
        const bytes = Buffer.from(pasted ? `\x1b[200~${text}\x1b[201~` : text);
        for (let at = 0; at < bytes.length; at += size) {
          painted.type(bytes.subarray(at, at + size));
          await pause();
        }
        await pause();
        t.is(judged(field.name, textAfter(field, painted.keys)), judged(field.name, text));
      },
    ),
    { numRuns: 200 },
  );
});

/** What was typed in the reports, of which the console made another, valid text. */
const misread: readonly (readonly [field: string, typed: string])[] = [
  ["network.lan.ipv4.gateway", "192.0.2.1/24"],
  ["network.lan.dns.servers", "192.0.2.1/24"],
  ["network.lan.dns.servers", "8.8.8.8|1.1.1.1"],
  ["network.lan.ipv4.address", "192.0.2.5o/24"],
  ["network.lan.ipv4.address", "192.0.2.50-24"],
  ["network.lan.ipv4.address", "192,0,2,50/24"],
  ["network.lan.ipv4.address", "2001:db8::5/64"],
  ["network.lan.mtu", "64000"],
  ["network.lan.mtu", "1500 bytes"],
  ["network.lan.vlan", "1O"],
  ["network.lan.vlan", "10,20"],
  ["network.lan.ipv6.gateway", "fe80::1%eth0"],
  ["network.lan.routes", "default via 192.0.2.254"],
  ["network.lan.dns.search", "m\u00fc nchen_.de!"],
  ["hostname", "scanner.example.org"],
  ["hostname", "my_scanner"],
  ["proxy.host", "http://proxy.example.org:8080/x"],
  ["proxy.port", "8080x"],
  ["proxy.port", "80800"],
  ["platform.url", "plat form.example.org"],
  ["time.servers", "ntp.example.org!"],
  ["scan.exclusions", "192.0.2.1~9"],
  ["scan.timeZone", "Europe/Berlin?"],
  ["console.lockAfterMinutes", "1O"],
];
for (const [field, typed] of misread)
  test(`it is refused as it was typed: ${field} ${typed}`, (t) => {
    const base = field.startsWith("proxy.")
      ? { ...textsOf(settings, "proxy"), "proxy.kind": "http", "proxy.host": "proxy.example.org" }
      : { ...(field.startsWith("network.") ? networkTexts : {}), "network.mode": "single" };
    const validation = withTexts(settings, { ...base, [field]: typed });
    t.false(validation.ok);
    if (!validation.ok)
      t.true(
        validation.problems.some((problem) => problem.field.startsWith(field)),
        JSON.stringify(validation.problems),
      );
  });
