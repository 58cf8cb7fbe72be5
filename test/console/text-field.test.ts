import test from "ava";
import fc from "fast-check";
import { activationCodeRules, textRules } from "../../console/fields/rules.ts";
import {
  editText,
  fieldLimit,
  type TextField,
  type TextRules,
  textField,
  visibleText,
} from "../../console/fields/text-field.ts";
import { character, type Key, type NamedKey } from "../../console/page/key.ts";

function press(
  field: TextField,
  rules: TextRules,
  ...keys: (NamedKey | `=${string}`)[]
): TextField {
  const all = keys.flatMap((key): Key[] =>
    key.startsWith("=") ? [...key.slice(1)].map(character) : [{ name: key as NamedKey }],
  ); // not of the other form
  return all.reduce((now, key) => editText(now, key, rules).field, field);
}

test("characters are inserted at the cursor, and the cursor goes to both ends", (t) => {
  const typed = press(textField(), textRules, "=19.0.2.1", "home", "right", "right", "=2");
  t.deepEqual(typed, { text: "192.0.2.1", cursor: 3 });
  t.is(press(typed, textRules, "end", "=9").text, "192.0.2.19");
});

test("Delete, Backspace, Ctrl-U, Ctrl-K and Ctrl-W remove what they should", (t) => {
  const field = textField("one two three");
  t.is(press(field, textRules, "backspace").text, "one two thre");
  t.is(press(field, textRules, "home", "delete").text, "ne two three");
  t.is(press(field, textRules, "ctrl-w").text, "one two ");
  t.is(press(field, textRules, "ctrl-u").text, "");
  t.is(press(field, textRules, "home", "right", "ctrl-k").text, "o");
  t.is(press(textField(), textRules, "backspace", "delete", "ctrl-w").text, "");
});

test("what does not fit marks the field until it is emptied", (t) => {
  const full = textField("1".repeat(fieldLimit));
  const { field } = editText(full, character("2"), textRules);
  t.is(field.text, full.text);
  t.true(field.overfull);
  const shorter = press(field, textRules, "backspace", "left");
  t.true(shorter.overfull, "what is left is still not what was typed");
  t.is(press(shorter, textRules, "end", "ctrl-u", "=1").overfull, undefined);
});

test("an activation code keeps what cannot belong to it, so that it is judged", (t) => {
  for (const typed of ["ABCDE_12345", "ABCDE-1234\u00e9", "ABCDE.12345.FGHJK.MNPQR", "\u0410BCDE"])
    t.is(press(textField(), activationCodeRules, `=${typed}`).text.at(-1), typed.at(-1));
  t.is(
    press(textField(), activationCodeRules, "=ABCDE12345FGHJKMNPQRST").text,
    "ABCDE-12345-FGHJK-MNPQR-ST",
  );
});

test("an activation code gets its hyphens by itself, and is edited as if they were not there", (t) => {
  const typed = press(textField(), activationCodeRules, "=abcde12345f");
  t.is(typed.text, "ABCDE-12345-F");
  t.is(press(typed, activationCodeRules, "backspace").text, "ABCDE-12345");
  t.is(press(typed, activationCodeRules, "home", "delete").text, "BCDE1-2345F");
  t.is(press(typed, activationCodeRules, "home", "=Z").text, "ZABCD-E1234-5F");
  t.is(
    press(textField(), activationCodeRules, "=ABCDE-12345-FGHJK-MNPQR").text,
    "ABCDE-12345-FGHJK-MNPQR",
  );
});

test("a box shows the part of the text that the cursor is in", (t) => {
  const field = textField("0123456789");
  t.deepEqual(visibleText(field, 6, false), {
    text: "56789",
    cursor: 5,
    hiddenLeft: true,
    hiddenRight: false,
  });
  t.deepEqual(visibleText({ ...field, cursor: 0 }, 6, false), {
    text: "012345",
    cursor: 0,
    hiddenLeft: false,
    hiddenRight: true,
  });
  t.is(visibleText(textField("secret"), 10, true).text, "******");
});

const anyKey: fc.Arbitrary<Key> = fc.oneof(
  fc
    .constantFrom<NamedKey>(
      "left",
      "right",
      "home",
      "end",
      "backspace",
      "delete",
      "ctrl-u",
      "ctrl-k",
      "ctrl-w",
      "ctrl-d",
      "enter",
      "f5",
      "up",
    )
    .map((name): Key => ({ name })),
  fc.string({ minLength: 1, maxLength: 2 }).map(character),
  fc.constantFrom("1", ".", "a", "Z", "-", " ", "é", "😀").map(character),
);

test("whatever is pressed, the text keeps to its limit and the cursor stays within it", (t) => {
  for (const rules of [textRules, activationCodeRules]) {
    fc.assert(
      fc.property(
        fc.array(anyKey, { maxLength: 60 }),
        fc.integer({ min: 1, max: 30 }),
        (keys, width) => {
          let field = textField();
          for (const key of keys) {
            field = editText(field, key, rules).field;
            const characters = [...field.text];
            if (
              characters.length > fieldLimit ||
              field.cursor < 0 ||
              field.cursor > characters.length
            )
              return false;
            const seen = visibleText(field, width, false);
            if (
              [...seen.text].length > width ||
              seen.cursor < 0 ||
              seen.cursor > width - (seen.hiddenLeft ? 1 : 0)
            )
              return false;
          }
          return true;
        },
      ),
      { numRuns: 300 },
    );
  }
  t.pass();
});

test("typing a text at the end gives the text, and Backspace as often as its length nothing", (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z0-9]{0,20}$/), (text) => {
      for (const rules of [textRules, activationCodeRules]) {
        const typed = press(textField(), rules, `=${text}`);
        if (typed.text.replaceAll("-", "") !== text) return false;
        let field = typed;
        for (const _ of text) field = press(field, rules, "backspace");
        if (field.text !== "") return false;
      }
      return true;
    }),
  );
  t.pass();
});
