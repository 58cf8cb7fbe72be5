import type { FirewallNeeds } from "../../src/configd/firewall/needs.ts";
import { firewallLines } from "../../src/configd/firewall/text.ts";
import { type ErrorDescription, errorCodes, isErrorCode } from "../../src/protocol/error-codes.ts";
import { settingTerms } from "../../src/settings/changes.ts";
import { describeFieldProblem, type FieldProblem, type FieldProblemDescription, fieldProblems } from "../../src/settings/problems.ts";
import { en } from "./en.ts";

export type MessageKey = keyof typeof en;
export type Catalogue = Readonly<Record<MessageKey, string>>;

/** The names between braces of a text, so that a value that is missing does not compile. */
type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
export type Values<Key extends MessageKey> = [Placeholders<(typeof en)[Key]>] extends [never]
  ? []
  : [values: Record<Placeholders<(typeof en)[Key]>, string | number>];

/** Messages that say the same whatever happens. */
export type PlainKey = { [Key in MessageKey]: [Placeholders<(typeof en)[Key]>] extends [never] ? Key : never }[MessageKey];

/** All that is said on the screen, in one language. */
export interface Words {
  say<Key extends MessageKey>(key: Key, ...values: Values<Key>): string;
  error(code: string): Pick<ErrorDescription, "what" | "why" | "remedy">;
  /** A name or a value of a setting as the review has it; what people typed stays as it is. */
  term(text: string): string;
  /** The text that a firewall's administrator is given. */
  firewall(needs: FirewallNeeds): string[];
  problem(problem: { field: string; code: string; values?: Record<string, string> | undefined }): FieldProblemDescription;
}

export const english: Words = wordsOf(en, (text) => text);

/** The same words longer and accented: what is not from the catalogue stays plain and is found by tests. */
export function pseudoWords(): Words {
  return translatedWords(pseudo);
}

/** All that is said, text by text as `translate` has it. */
export function translatedWords(translate: (text: string) => string): Words {
  const catalogue = Object.fromEntries(Object.entries(en).map(([key, text]) => [key, translate(text)]));
  return wordsOf({ ...en, ...catalogue }, translate);
}

function wordsOf(catalogue: Catalogue, translate: (text: string) => string): Words {
  return {
    say: (key, ...values) => fill(catalogue[key], values[0] ?? {}),
    error(code) {
      const { what, why, remedy } = errorCodes[isErrorCode(code) ? code : "internal-error"];
      return { what: translate(what), why: translate(why), remedy: translate(remedy) };
    },
    term: (text) => (settingTerms.has(text) ? translate(text) : text),
    firewall: (needs) => firewallLines(needs, (phrase, values) => fill(catalogue[phrase], values)),
    problem(problem) {
      if (!isProblemCode(problem.code))
        return { message: translate(errorCodes["settings-invalid"].what), example: translate(errorCodes["settings-invalid"].remedy) };
      const known: FieldProblem = { field: problem.field, code: problem.code, ...(problem.values ? { values: problem.values } : {}) };
      const { message, example } = fieldProblems[problem.code];
      return describeFieldProblem(known, { message: translate(message), example: translate(example) });
    },
  };
}

function isProblemCode(code: string): code is keyof typeof fieldProblems {
  return Object.hasOwn(fieldProblems, code);
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const accents: Readonly<Record<string, string>> = { a: "á", e: "é", i: "í", o: "ó", u: "ú", A: "Á", E: "É", I: "Í", O: "Ó", U: "Ú", n: "ñ", c: "ç" };

/** A text with accents and a third longer, its `{values}` untouched. Only Latin-1: the console font has all of it. */
export function pseudo(text: string): string {
  const accented = text.replace(/\{\w+\}|[aeiouAEIOUnc]/g, (part) => accents[part] ?? part);
  const extra = Math.ceil(text.replace(/\{\w+\}/g, "").length / 3);
  return `${accented}${"~".repeat(Math.max(1, extra))}`;
}
