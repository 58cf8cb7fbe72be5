import test from "ava";
import fc from "fast-check";
import { migrate } from "../../src/settings/migrate.ts";
import {
  defaultHttpProxy,
  defaultInterface,
  defaultSettings,
} from "../../src/settings/model/schema.ts";
import { largestSettingsBytes, parseSettings } from "../../src/settings/parse.ts";
import { renderSettings } from "../../src/settings/render.ts";
import { validSettings } from "../testkit/configd/valid-settings.ts";

test("settings that are written are read back equal", (t) => {
  fc.assert(
    fc.property(validSettings, (settings) =>
      t.deepEqual(parseSettings(renderSettings(settings, null)), { ok: true, settings }),
    ),
    { numRuns: 40 },
  );
});

test("an administrator's comments survive a change made elsewhere", (t) => {
  const written = renderSettings(defaultSettings, null)
    .replace("hostname: outrider", "hostname: outrider # asset 4711")
    .replace("proxy:", "# Bob says: no proxy on this floor\nproxy:")
    .replace(
      "servers: []",
      "servers:\n        - 192.0.2.53 # the old one\n        - 192.0.2.54 # the new one",
    );
  fc.assert(
    fc.property(validSettings, (settings) => {
      const text = renderSettings(settings, written);
      t.true(text.includes("# asset 4711"));
      t.true(text.includes("# Bob says: no proxy on this floor"));
      t.deepEqual(parseSettings(text), { ok: true, settings });
    }),
    { numRuns: 15 },
  );
  const same = renderSettings({ ...parsed(written), hostname: "other" }, written);
  t.is(same, written.replace("hostname: outrider", "hostname: other"));
});

/** A comment behind or above any line, as people leave them. */
function withRemarks(
  text: string,
  places: readonly { at: number; above: boolean }[],
): { text: string; remarks: string[] } {
  const lines = text.split("\n");
  const remarks: string[] = [];
  for (const [index, { at, above }] of places.entries()) {
    const line = lines[at % (lines.length - 1)] ?? "";
    // Within a certificate a # would be part of it.
    if (line.includes("#") || /^\s*[A-Za-z0-9+/=]+$|-----|[|>]-?$/.test(line)) continue;
    const remark = `# remark ${index}`;
    remarks.push(remark);
    const indentation = /^\s*(?:- )?/.exec(line)?.[0].length ?? 0;
    lines[at % (lines.length - 1)] = above
      ? `${" ".repeat(indentation)}${remark}\n${line}`
      : `${line} ${remark}`;
  }
  return { text: lines.join("\n"), remarks };
}

test("every comment survives every change, from one interface to two and back as well", (t) => {
  const places = fc.array(fc.record({ at: fc.nat(400), above: fc.boolean() }), { maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(validSettings, { minLength: 2, maxLength: 4 }),
      places,
      ([first, ...later], where) => {
        if (first === undefined) return;
        const { text, remarks } = withRemarks(renderSettings(first, null), where);
        t.deepEqual(parseSettings(text), { ok: true, settings: first }, text);
        let present = text;
        for (const settings of [...later, first]) {
          present = renderSettings(settings, present);
          t.deepEqual(parseSettings(present), { ok: true, settings });
          for (const remark of remarks)
            t.is(
              present.split("\n").filter((line) => line.endsWith(remark)).length,
              1,
              `${remark}\n${present}`,
            );
        }
      },
    ),
    { numRuns: 15 },
  );
});

test("a comment stays with what it is about, and moves up to its section when that goes away", (t) => {
  const text = renderSettings(
    { ...defaultSettings, time: { servers: ["192.0.2.1", "192.0.2.2", "192.0.2.3"] } },
    null,
  )
    .replace("- 192.0.2.2", "- 192.0.2.2 # the good one")
    .replace("- 192.0.2.3", "- 192.0.2.3 # the slow one");
  const shorter = renderSettings(
    { ...defaultSettings, time: { servers: ["192.0.2.2", "192.0.2.9"] } },
    text,
  );
  t.true(
    shorter.includes(
      "  # the slow one\n  servers:\n    - 192.0.2.2 # the good one\n    - 192.0.2.9\n",
    ),
    shorter,
  );
  const none = renderSettings(defaultSettings, shorter);
  t.regex(none, /# the slow one\n {2}# the good one\n {2}servers: \[\]/);
});

test("settings of version 1 are brought forward: one interface, and a proxy that stays as it was", (t) => {
  const text = `version: 1
hostname: scanner-1
network: { mode: single, lan: { macAddress: null, ipv4: { method: static, address: 192.0.2.10/24, gateway: 192.0.2.1 }, dns: { servers: [192.0.2.53], search: [] } } }
proxy: { kind: http, host: proxy.example.org, port: 8080, authentication: basic, user: anna }
platform: { url: https://platform.example.org }
`;
  const ipv4 = { method: "static", address: "192.0.2.10/24", gateway: "192.0.2.1" } as const;
  t.deepEqual(parseSettings(text), {
    ok: true,
    settings: {
      ...defaultSettings,
      hostname: "scanner-1",
      network: {
        mode: "single",
        lan: { ...defaultInterface, ipv4, dns: { servers: ["192.0.2.53"], search: [] } },
      },
      proxy: {
        ...defaultHttpProxy,
        host: "proxy.example.org",
        port: 8080,
        authentication: "basic",
        user: "anna",
      },
      platform: { url: "https://platform.example.org" },
    },
  });
});

test("a text that is no settings is replaced, not edited", (t) => {
  const text = renderSettings(defaultSettings, "a: [");
  t.deepEqual(parseSettings(text), { ok: true, settings: defaultSettings });
});

test("a fault has its place", (t) => {
  const text = renderSettings(defaultSettings, null);
  const cases: [string, RegExp][] = [
    ["a: [", /^line 1, column 5: /],
    ["", /^line 1: /],
    ["- 1", /^line 1: /],
    [
      text.replace("hostname: outrider", "hostname: -x-"),
      /^line 5: hostname: -x- is not a host name/,
    ],
    [
      text.replace("method: dhcp", "method: static"),
      /^line 13: network\.lan\.ipv4 must have required property/,
    ],
    [text.replace("method: dhcp", "method: auto"), /^line 13: network\.lan\.ipv4\.method is none/],
    [`${text}colour: blue\n`, /additional properties: colour/],
    [
      text.replace("servers: []", "servers: [192.0.2.300]"),
      /^line 17: network\.lan\.dns\.servers\.0: 192\.0\.2\.300 is not an IPv4 address/,
    ],
    [text.replace("version: 2", "version: 3"), /newer software/],
    [text.replace("version: 2", "version: 0"), /version/],
    [`${text}hostname: twice\n`, /^line \d+, column \d+: /],
    ["a: &a [1]\nb: *a\n", /Alias/],
    ["[".repeat(50_000), /nested too deeply/],
    [`${"- ".repeat(20_000)}a`, /nested too deeply/],
    ["x".repeat(largestSettingsBytes + 1), /longer than/],
  ];
  for (const [broken, expected] of cases) {
    const result = parseSettings(broken);
    t.false(result.ok, broken.slice(0, 40));
    if (!result.ok) t.regex(result.reason, expected);
  }
});

test("any byte soup gives an answer in words, never a crash", (t) => {
  const yamlish = fc.array(
    fc.constantFrom(
      "version: 2",
      "\n",
      "  ",
      "- ",
      "? ",
      ": ",
      "[",
      "]",
      "{",
      "}",
      "&a ",
      "*a",
      "!!map ",
      "<<: ",
      "|",
      ">",
      "'",
      '"',
      "#",
      "network:",
      "\t",
      "---\n",
      "...",
      "%YAML 1.2\n",
    ),
    {
      maxLength: 200,
    },
  );
  const soup = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => new TextDecoder().decode(bytes)),
    yamlish.map((parts) => parts.join("")),
    // One byte of a right file replaced.
    fc.tuple(fc.nat(300), fc.string({ minLength: 1, maxLength: 3 })).map(([at, piece]) => {
      const text = renderSettings(defaultSettings, null);
      return text.slice(0, at) + piece + text.slice(at + 1);
    }),
  );
  fc.assert(
    fc.property(soup, (text) => {
      const result = parseSettings(text);
      // A place is a line, the field, or the file when all of it is meant.
      t.regex(result.ok ? "line 1" : result.reason, /^(?:line \d+|version|the file)\b/);
    }),
    { numRuns: 700 },
  );
});

test("older settings are brought forward step by step, and a gap is refused", (t) => {
  const steps = {
    1: (old: Record<string, unknown>) => ({ ...old, b: 1 }),
    2: (old: Record<string, unknown>) => ({ ...old, c: 2 }),
  };
  t.deepEqual(migrate({ version: 1, a: 0 }, steps, 3), {
    ok: true,
    value: { version: 3, a: 0, b: 1, c: 2 },
  });
  t.false(migrate({ version: 1 }, {}, 2).ok);
  t.false(migrate({ version: 4 }, steps, 3).ok);
});

function parsed(text: string) {
  const result = parseSettings(text);
  if (!result.ok) throw new Error(result.reason);
  return result.settings;
}
