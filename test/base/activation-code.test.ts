import { randomBytes } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import {
  activationKey,
  activationKeyId,
  makeActivationCode,
  normalizeActivationCode,
  parseActivationCode,
} from "../../src/base/activation-code.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const bytes = fc.uint8Array({ minLength: 18, maxLength: 18 });
const plain = (text: string) => text.replaceAll("-", "");

test("a made code is four groups of five and reads back, however it is typed", (t) => {
  fc.assert(
    fc.property(bytes, (random) => {
      const code = makeActivationCode(random);
      const typed = [
        code.text,
        plain(code.text),
        code.text.toLowerCase(),
        code.text.replaceAll("-", " "),
        code.text.replaceAll("0", "o").replaceAll("1", "l"),
      ];
      return (
        /^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/.test(code.text) &&
        typed.every((text) => {
          const parsed = parseActivationCode(text);
          return parsed.ok && parsed.code.text === code.text && parsed.code.id === code.id;
        })
      );
    }),
  );
  t.pass();
});

test("one wrong character is found, and its place is named", (t) => {
  fc.assert(
    fc.property(
      bytes,
      fc.integer({ min: 0, max: 19 }),
      fc.integer({ min: 1, max: 31 }),
      (random, place, shift) => {
        const right = plain(makeActivationCode(random).text);
        const wrong = alphabet[(alphabet.indexOf(right.charAt(place)) + shift) % 32];
        const parsed = parseActivationCode(right.slice(0, place) + wrong + right.slice(place + 1));
        return (
          !parsed.ok &&
          parsed.problem.kind === "check" &&
          parsed.problem.likelyPosition === place + 1
        );
      },
    ),
  );
  t.pass();
});

test("two wrong characters, also two swapped ones, are always found", (t) => {
  fc.assert(
    fc.property(
      bytes,
      fc.integer({ min: 0, max: 19 }),
      fc.integer({ min: 0, max: 19 }),
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 1, max: 31 }),
      (random, first, second, shiftFirst, shiftSecond) => {
        fc.pre(first !== second);
        const right = [...plain(makeActivationCode(random).text)];
        const shifted = [...right];
        shifted[first] = alphabet[(alphabet.indexOf(right[first] ?? "") + shiftFirst) % 32] ?? "";
        shifted[second] =
          alphabet[(alphabet.indexOf(right[second] ?? "") + shiftSecond) % 32] ?? "";
        const swapped = [...right];
        swapped[first] = right[second] ?? "";
        swapped[second] = right[first] ?? "";
        return (
          !parseActivationCode(shifted.join("")).ok &&
          (right[first] === right[second] || !parseActivationCode(swapped.join("")).ok)
        );
      },
    ),
  );
  t.pass();
});

test("a wrong length and characters outside the alphabet are reported as such, not as typing errors", (t) => {
  t.deepEqual(parseActivationCode("ABC"), { ok: false, problem: { kind: "length", length: 3 } });
  t.deepEqual(parseActivationCode("AB!"), {
    ok: false,
    problem: { kind: "character", position: 3, character: "!" },
  });
  t.deepEqual(parseActivationCode("ABU"), {
    ok: false,
    problem: { kind: "character", position: 3, character: "U" },
  });
  t.deepEqual(parseActivationCode(""), { ok: false, problem: { kind: "length", length: 0 } });
});

test("no text makes the reader throw", (t) => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60, unit: "binary" }),
      (text) => typeof parseActivationCode(text).ok === "boolean",
    ),
  );
  t.pass();
});

test("appliance and platform derive the same key from any spelling of the code, and the key id carries its id", async (t) => {
  const code = makeActivationCode(randomBytes(18));
  const same = parseActivationCode(code.text.toLowerCase());
  t.true(same.ok);
  if (!same.ok) return;
  t.deepEqual(await activationKey(code), await activationKey(same.code));
  t.notDeepEqual(
    await activationKey(code),
    await activationKey(makeActivationCode(randomBytes(18))),
  );
  t.is(activationKeyId(code), `code:${normalizeActivationCode(code.text).slice(0, 5)}`);
});
