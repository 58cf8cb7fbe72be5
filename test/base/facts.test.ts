import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { english, pseudoWords } from "../../console/words/words.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { factPhrases } from "../../src/base/messages/fact-phrases.ts";
import { asFacts, describeFacts, fact, quoted } from "../../src/base/messages/facts.ts";

const source = new URL("../../src/", import.meta.url).pathname;

async function filesIn(folders: readonly string[]): Promise<{ name: string; text: string }[]> {
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(source, folder), { recursive: true }))
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(folder, name)),
    ),
  );
  return Promise.all(
    names.flat().map(async (name) => ({ name, text: await readFile(join(source, name), "utf8") })),
  );
}

test("facts have an English text, and the console translates them with the same values", (t) => {
  const facts = [
    fact("connect-said", { address: "192.0.2.1", port: 443, said: "ECONNREFUSED" }),
    fact("scheme-set", { scheme: "ntlm" }),
  ];
  t.is(describeFacts(facts), "192.0.2.1 port 443: ECONNREFUSED; ntlm is set");
  t.is(english.facts({ facts, text: "" }), describeFacts(facts) ?? "");
  t.is(
    pseudoWords().facts({ facts, text: "" }),
    "192.0.2.1 pórt 443: ECONNREFUSED~~~; ntlm ís sét~~~",
  );
});

test("facts without codes, and those with unknown codes, are shown by their English text", (t) => {
  t.is(pseudoWords().facts({ text: "link is up" }), "link is up");
  t.is(
    pseudoWords().facts({
      facts: [fact("dns-answers"), { code: "of-a-later-version", values: {} }],
      text: "answers; by DNSSEC",
    }),
    "answers; by DNSSEC",
  );
});

test("an error's detail is its facts in English, also under another code", (t) => {
  const error = new OutriderError("dns-not-found", {
    detail: [fact("name-unknown", { host: "proxy.example.org" }), quoted("as kinit says")],
  });
  t.is(error.detail, "proxy.example.org; as kinit says");
  const other = error.asFault("proxy-unresolved");
  t.is(other.code, "proxy-unresolved");
  t.deepEqual(other.facts, error.facts);
  t.is(
    new OutriderError("dns-not-found", { detail: "a text" }).asFault("proxy-unresolved").detail,
    "a text",
  );
  t.is(new OutriderError("dns-not-found").asFault("proxy-unresolved").detail, undefined);
});

test("values are bounded, and so is their number", (t) => {
  t.is(String(quoted("x".repeat(10_000)).values.said).length, 500);
  t.is(asFacts(Array.from({ length: 100 }, () => fact("dns-answers"))).length, 20);
});

test("every phrase is used, and the pseudo-locale changes each", async (t) => {
  const code = (await filesIn([""]))
    .filter(({ name }) => !name.endsWith("fact-phrases.ts"))
    .map(({ text }) => text);
  const all = code.join("\n");
  const made = [...all.matchAll(/fact\(`([a-z-]*\$\{[\w.]+\}[a-z-]*)`/g)].map(
    ([, code = ""]) => new RegExp(`^${code.replace(/\$\{[\w.]+\}/, "[a-z-]+")}$`),
  );
  const unused = Object.keys(factPhrases).filter(
    (each) => !all.includes(`"${each}"`) && !made.some((form) => form.test(each)),
  );
  t.deepEqual(unused, []);
  for (const [each, phrase] of Object.entries(factPhrases))
    t.not(pseudoWords().facts({ facts: [{ code: each, values: {} }], text: "" }), phrase);
});

/** Files whose texts go to the platform, whose page is English: the outcome of a scan. */
const toThePlatform = /^agent\/scan-jobs\/(?:whole-)?completion\.ts$/;

test("code whose texts reach the console has facts and no English sentences", async (t) => {
  const texts = (
    await filesIn(["transport", "doctor", "agent", "configd", "network", "settings/zero-touch"])
  ).filter(({ name }) => !toThePlatform.test(name));
  t.true(texts.length > 200);
  const plain = texts.flatMap(({ name, text }) => [
    // A text as the detail of an error or of a document, or as the reason of a contact; also where
    // it is one of two.
    ...[...text.matchAll(/\b(detail|why|because)\b(?:: string\b.*?=>|:| =)\s*([^\n]*)/g)]
      .map(([, , told = ""]) => told.replace(/\b(?:fact|said|log\.\w+)\(.*/, ""))
      .flatMap((told) => [...told.matchAll(/(?:^|[?:|]) *(?:"[^"\n]+"|`[^`\n]+`)/g)])
      .map(([found]) => `${name}: ${found}`),
    // What was given from outside and not used; why settings were kept, also where only one of two
    // is a text.
    ...(/zero-touch|configd/.test(name)
      ? [
          ...text.matchAll(
            /\b(?:message|example|failure|right|wrong|why)\b[:=? ][^\n]*|#note\([^\n]*/g,
          ),
        ]
      : []
    )
      .flatMap(([line]) => [
        ...line.replace(/\b(?:fact|log\.\w+|attempt)\(.*/, "").matchAll(/"([^"]*)"|`([^`]*)`/g),
      ])
      .filter(([literal]) => /[A-Za-z]{2,} [A-Za-z]{2,}/.test(literal))
      .map(([literal]) => `${name}: ${literal}`),
    // A word for what has no name, which becomes the value of a fact.
    ...(name.startsWith("transport/")
      ? [...text.matchAll(/[^\n]*"unknown"/g)].map(([found]) => `${name}: ${found}`)
      : []),
    // Words among the values of a fact, or as the text of another program.
    ...[...text.matchAll(/\bfact\("[a-z0-9-]+", (\{[^}\n]*\})|\bsaid\(([^\n]*)/g)]
      .flatMap(([, values, others]) => [
        ...(values ?? others ?? "").matchAll(/"([^"]*)"|`([^`]*)`/g),
      ])
      .filter(([literal]) => /[A-Za-z]{2,} [A-Za-z]{2,}/.test(literal))
      .map(([literal]) => `${name}: ${literal}`),
  ]);
  t.deepEqual(plain, []);
});
