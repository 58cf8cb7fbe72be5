import test from "ava";
import { allowedGlyph } from "../../console/terminal/glyphs.ts";
import { en } from "../../console/words/en.ts";
import { english, pseudo, pseudoWords } from "../../console/words/words.ts";
import { errorCodes } from "../../src/base/messages/error-codes.ts";
import { fieldProblems } from "../../src/settings/model/problems.ts";

test("a message is filled with its values", (t) => {
  t.is(english.say("ago.minutes", { count: 3 }), "3 min ago");
  t.is(
    pseudoWords().say("ago.minutes", { count: 3 }),
    `${pseudo("{count} min ago").replace("{count}", "3")}`,
  );
});

test("the pseudo-locale is longer, accented, and leaves values alone", (t) => {
  for (const text of Object.values(en)) {
    const translated = pseudo(text);
    t.true(translated.length > text.length);
    t.deepEqual(translated.match(/\{\w+\}/g), text.match(/\{\w+\}/g));
  }
});

test("every text can be drawn by the console's font, in ASCII on a serial line", (t) => {
  const problems = Object.values(fieldProblems).flatMap(({ message, example }) => [
    message,
    example,
  ]);
  const errors = Object.values(errorCodes).flatMap(({ what, why, remedy }) => [what, why, remedy]);
  for (const text of [...Object.values(en), ...problems, ...errors]) t.regex(text, /^[ -~]+$/);
  for (const text of Object.values(en))
    t.true([...pseudo(text)].every((character) => allowedGlyph(character, "console-font")));
});

test("an error code that this version does not know is still shown", (t) => {
  t.is(english.error("from-the-future").what, errorCodes["internal-error"].what);
  t.is(
    english.problem({ field: "x", code: "from-the-future" }).message,
    errorCodes["settings-invalid"].what,
  );
});
