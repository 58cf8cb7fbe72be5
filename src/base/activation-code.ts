import { scrypt } from "node:crypto";
import { promisify } from "node:util";
import { OutriderError } from "./messages/error.ts";

/**
 * An activation code: 20 characters of Crockford's base 32 in groups of five. The first five are
 * its id, which is sent in the clear; the next thirteen are its secret (65 bits); the last two are
 * check digits: a Reed-Solomon code over GF(32), which detects any two wrong or swapped characters
 * and locates a single wrong one.
 */
export interface ActivationCode {
  /** Five characters; the key id of enrolment is `code:` and these. */
  id: string;
  /** All 20 characters, in groups, as the platform shows them. */
  text: string;
}

export type ActivationCodeProblem =
  | { kind: "length"; length: number }
  | { kind: "character"; position: number; character: string }
  | { kind: "check"; likelyPosition: number | null };

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const length = 20;
const checkDigits = 2;

/**
 * What mail programs and people put into a code: blanks, every kind of dash, what is invisible
 * (soft hyphens, zero-width blanks), quotes, and the full stop of a sentence.
 */
export const codeSeparators = /[\s\p{Pd}\p{Cf}\p{Pi}\p{Pf}\u2212_.,;"'`„‚]/gu;

/** Upper case, without separators, with the letters that Crockford reads as digits. */
export function normalizeActivationCode(typed: string): string {
  return typed.toUpperCase().replace(codeSeparators, "").replace(/O/g, "0").replace(/[IL]/g, "1");
}

/** Positions in the problem count from 1, separators left out. */
export function parseActivationCode(
  typed: string,
): { ok: true; code: ActivationCode } | { ok: false; problem: ActivationCodeProblem } {
  const text = normalizeActivationCode(typed);
  const symbols: number[] = [];
  for (const [index, character] of [...text].entries()) {
    const symbol = alphabet.indexOf(character);
    if (symbol < 0)
      return { ok: false, problem: { kind: "character", position: index + 1, character } };
    symbols.push(symbol);
  }
  if (symbols.length !== length)
    return { ok: false, problem: { kind: "length", length: symbols.length } };
  const problem = checkProblem(symbols);
  return problem ? { ok: false, problem } : { ok: true, code: asCode(symbols) };
}

/**
 * Throws a RangeError when there are fewer than 18 random bytes.
 *
 * @param randomBytes 18 random bytes; five bits of each are used.
 */
export function makeActivationCode(randomBytes: Uint8Array): ActivationCode {
  const message = Array.from(randomBytes.subarray(0, length - checkDigits), (byte) => byte & 31);
  if (message.length !== length - checkDigits)
    throw new RangeError("an activation code needs 18 random bytes");
  // Solve in GF(32) for the two digits that make both syndromes zero.
  const [first, second] = syndromes([...message, 0, 0]);
  // With x = digit of weight a^1 and y = digit of weight a^0: x*a + y = s1 and x*a^2 + y = s2.
  const x = divide(first ^ second, power(1) ^ power(2));
  const y = first ^ multiply(x, power(1));
  return asCode([...message, x, y]);
}

/**
 * The key of 32 bytes that appliance and platform derive from a code, by scrypt (RFC 7914). It is
 * slow on purpose: the id and a signature are sent in the clear, so the secret could be guessed
 * offline.
 */
export async function activationKey(code: ActivationCode): Promise<Uint8Array> {
  const derive = promisify(scrypt) as (
    password: string,
    salt: string,
    length: number,
    options: object,
  ) => Promise<Buffer>;
  return derive(normalizeActivationCode(code.text), `outrider activation ${code.id}`, 32, {
    N: 2 ** 15,
    r: 8,
    p: 1,
    maxmem: 64 * 2 ** 20,
  });
}

/** The key id under which enrolment is signed. */
export function activationKeyId(code: ActivationCode): string {
  return `code:${code.id}`;
}

/** Throws OutriderError "code-malformed". */
export function requireActivationCode(typed: string): ActivationCode {
  const parsed = parseActivationCode(typed);
  if (!parsed.ok) throw new OutriderError("code-malformed");
  return parsed.code;
}

function asCode(symbols: readonly number[]): ActivationCode {
  const text = symbols.map((symbol) => alphabet[symbol]).join("");
  return { id: text.slice(0, 5), text: text.match(/.{5}/g)?.join("-") ?? text };
}

function checkProblem(symbols: readonly number[]): ActivationCodeProblem | null {
  const [first, second] = syndromes(symbols);
  if (first === 0 && second === 0) return null;
  // One wrong symbol e at weight w gives s1 = e*a^w and s2 = e*a^2w, so s2/s1 = a^w.
  const weight = first === 0 || second === 0 ? null : logarithm(divide(second, first));
  return {
    kind: "check",
    likelyPosition: weight !== null && weight < length ? length - weight : null,
  };
}

/** The code as a polynomial (the last character has weight 0), evaluated at a and a^2. */
function syndromes(symbols: readonly number[]): [number, number] {
  let first = 0;
  let second = 0;
  for (const symbol of symbols) {
    first = multiply(first, power(1)) ^ symbol;
    second = multiply(second, power(2)) ^ symbol;
  }
  return [first, second];
}

/** GF(32) by the primitive polynomial x^5 + x^2 + 1, generator a = 2. */
const powers: number[] = [];
for (let value = 1, exponent = 0; exponent < 31; exponent++) {
  powers.push(value);
  value <<= 1;
  if (value & 32) value ^= 0b100101;
}

function power(exponent: number): number {
  return powers[exponent % 31] ?? 0;
}

function logarithm(value: number): number {
  return powers.indexOf(value);
}

function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : power(logarithm(a) + logarithm(b));
}

function divide(a: number, b: number): number {
  return a === 0 ? 0 : power(logarithm(a) - logarithm(b) + 31);
}
