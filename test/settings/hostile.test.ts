import test from "ava";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { largestSettingsBytes, parseSettings } from "../../src/settings/parse.ts";
import { renderSettings } from "../../src/settings/render.ts";

/** A file of the largest size, filled with pieces. */
function full(piece: (index: number) => string, head = ""): string {
  const parts = [head];
  let length = head.length;
  for (let index = 0; ; index++) {
    const next = piece(index);
    length += next.length;
    if (length > largestSettingsBytes) return parts.join("");
    parts.push(next);
  }
}

const right = renderSettings(defaultSettings, null);
const hostile: Record<string, string> = {
  "thousands of keys": full((index) => `${index.toString(36)}:\n`),
  "thousands of keys in braces": `${full((index) => `${index.toString(36)},`, "{").slice(0, -1)}}`,
  "thousands of unknown settings": full((index) => `k${index}: 1\n`, right),
  "the same key again and again": full(() => "a: 1\n"),
  "nested brackets": full(() => `${"[".repeat(28)}${"]".repeat(28)}\n`),
  "commas without values": full(() => ",", "["),
  "empty brackets": full(() => "[]"),
  "tags without values": full(() => "! "),
  "question marks": full(() => "?\n"),
  "wrong escapes": `"${full(() => "\\q").slice(2)}"`,
  "blank lines": full(() => "\n"),
  "one comment a line": full(() => "#\n"),
  "routes without end": right.replace(
    "routes: []",
    `routes: [${full(() => "{},").slice(0, -3000)}]`,
  ),
  "exclusions without end": right.replace(
    "exclusions: []",
    `exclusions: [${full(() => "a,").slice(0, -3000)}]`,
  ),
  "a text without end": full(() => "x", "a: "),
  colons: ":".repeat(largestSettingsBytes),
};

// The first call compiles what the others use.
parseSettings(right);

for (const [what, text] of Object.entries(hostile)) {
  test.serial(`a file full of something is refused within half a second of work: ${what}`, (t) => {
    const before = process.threadCpuUsage();
    const result = parseSettings(text);
    const { user, system } = process.threadCpuUsage(before);
    t.false(result.ok);
    if (!result.ok) t.regex(result.reason, /^line \d+|^the file|^version/);
    t.true(user + system < 500_000, `${(user + system) / 1000} ms`);
  });
}

test("the largest settings that are right are not too much", (t) => {
  const exclusions = Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`);
  const routes = Array.from({ length: 32 }, (_, index) => ({
    to: `10.${index}.0.0/16`,
    via: "192.0.2.1",
    metric: index,
  }));
  const { network } = defaultSettings;
  const settings = {
    ...defaultSettings,
    network: {
      mode: "split" as const,
      lan: { ...network.lan, routes },
      wan: { ...network.lan, routes },
    },
    scan: { exclusions, timeZone: "UTC" },
  };
  const text = renderSettings(settings, null);
  t.deepEqual(parseSettings(text), { ok: true, settings });
  // With a comment behind each line.
  t.true(
    parseSettings(text.replaceAll("\n", " # a remark of some length, from whoever was here\n")).ok,
  );
});
