import { readFile, writeFile } from "node:fs/promises";
import test from "ava";
import { validators } from "../../src/protocol/validators.ts";
import { fieldLines, messages, renderPrivacyPage } from "./privacy-page.ts";

const page = new URL("../../docs/operate/privacy.md", import.meta.url);

test("docs/operate/privacy.md lists every field that is sent, as the schemas define it", async (t) => {
  if (process.env.UPDATE_DOCS === "1") await writeFile(page, renderPrivacyPage());
  t.is(await readFile(page, "utf8"), renderPrivacyPage());
});

for (const { title, schema, meanings } of messages)
  test(`every field of "${title}" has its words, and no words are left over`, (t) => {
    const fields = fieldLines(schema).flatMap(({ path }) => (/[.[]/.test(path) ? [] : [path]));
    t.deepEqual(Object.keys(meanings).sort(), fields.sort());
  });

test("no message that an appliance sends is left out of the page", (t) => {
  // Replies and orders of the platform, and schemas that are parts of others.
  const replies =
    /Reply$|Receipt$|^(Configuration|Directory|Job|Command|NetworkChange|TargetFacts)$/;
  const sent = Object.keys(validators).filter((name) => !replies.test(name));
  t.is(sent.length, messages.length, sent.join());
});
