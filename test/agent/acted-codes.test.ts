import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { errorCodes } from "../../src/base/messages/error-codes.ts";
import { refusalCodes } from "../../src/protocol/refusal-codes.ts";

/** Holds docs/decisions/0016 against the code: every code that the agent acts on, and who says it. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/decisions/0016-what-an-answer-means.md"), "utf8");
const rows = [...page.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, code = "", who = ""]) => ({ code, who: who.trim() }),
);

type How = "answeredWith" | "compared" | "listed";
interface Use {
  code: string;
  how: How;
  file: string;
}

/**
 * How a code is acted on: handed to `answeredWith`, compared with, or kept in a list or under a name
 * for one of these. A code that is only made, as an argument or a property, is in none.
 */
const patterns: [How, RegExp][] = [
  ["answeredWith", /answeredWith\(([^()]*)\)/g],
  ["compared", /[!=]==\s*("[a-z-]+")/g],
  ["compared", /case ("[a-z-]+"):/g],
  ["listed", /\[([^[\]]*)\]/g],
  ["listed", /const \w+ = ("[a-z-]+");/g],
];

const files = readdirSync(join(root, "src/agent"), { recursive: true, encoding: "utf8" }).filter(
  (name) => name.endsWith(".ts"),
);
const uses = files.flatMap((file): Use[] => {
  const text = readFileSync(join(root, "src/agent", file), "utf8");
  const code = stripTypeScriptTypes(text).replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  return patterns.flatMap(([how, pattern]) =>
    [...code.matchAll(pattern)].flatMap(([, place = ""]) =>
      [...place.matchAll(/"([a-z-]+)"/g)].flatMap(([, name = ""]) =>
        Object.hasOwn(errorCodes, name) ? [{ code: name, how, file }] : [],
      ),
    ),
  );
});

test("the table has every code that the agent acts on, and no other", (t) => {
  t.true(uses.length > 40, "the agent's code was read");
  const acted = [...new Set(uses.map(({ code }) => code))].sort();
  t.deepEqual(rows.map(({ code }) => code).sort(), acted);
});

test("the table and the protocol agree on who may say a code", (t) => {
  for (const { code, who } of rows) {
    const side = Object.entries(refusalCodes).find(([name]) => name === code)?.[1];
    if (side === "verified") t.regex(who, /^platform, verified/, code);
    if (side === "unverified") t.regex(who, /^platform, any/, code);
    if (side === undefined && /^platform/.test(who)) t.regex(code, /^service-/, code);
  }
});

/** Where a code of the platform is named other than by `answeredWith`, and why that is right. */
const exceptions: Record<string, string> = {
  "identity/platform-access.ts": "the list that session and call-home hand to answeredWith",
  "identity/schemas.ts": "the record of such an answer",
  "enrolment/enrolment.ts": "only a longer wait follows from being on that list",
  "session/reply-errors.ts": "an unsigned answer that somebody is busy, which only makes it wait",
  "command-jobs/actions.ts": "what configd says of a trial",
};

test("what only an answer can say is asked for by answeredWith, which believes nothing else", (t) => {
  const others = uses.filter(
    ({ code, how, file }) =>
      how !== "answeredWith" &&
      exceptions[file] === undefined &&
      ["verified", "either"].includes(String(Reflect.get(refusalCodes, code))),
  );
  t.deepEqual(others, []);
  for (const file of Object.keys(exceptions))
    t.true(
      uses.some((use) => use.file === file),
      file,
    );
});

test("the services refuse with no code that the protocol does not list", (t) => {
  const services = join(root, "src/platform/services");
  const made = readdirSync(services).flatMap((file) =>
    [
      ...readFileSync(join(services, file), "utf8").matchAll(/new OutriderError\(\s*"([a-z-]+)"/g),
    ].map(([, code = ""]) => code),
  );
  t.true(made.length > 20);
  t.deepEqual(
    [...new Set(made)].filter((code) => !Object.hasOwn(refusalCodes, code)),
    [],
  );
});
