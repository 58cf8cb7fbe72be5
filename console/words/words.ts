import {
  type ErrorDescription,
  errorCodes,
  isErrorCode,
} from "../../src/base/messages/error-codes.ts";
import { describeFacts, type Fact } from "../../src/base/messages/facts.ts";
import {
  fillPhrase,
  type PhraseValues,
  type Placeholders,
} from "../../src/base/messages/phrases.ts";
import type { FirewallNeeds } from "../../src/firewall-request/needs.ts";
import { firewallLines } from "../../src/firewall-request/text.ts";
import { settingTerms } from "../../src/settings/changes.ts";
import {
  describeFieldProblem,
  type FieldProblemDescription,
  fieldProblems,
} from "../../src/settings/model/problems.ts";
import { en } from "./en.ts";
import { enLines } from "./en-lines.ts";

export type MessageKey = keyof typeof en;
export type Catalogue = Readonly<Record<MessageKey, string>>;

export type Values<Key extends MessageKey> = PhraseValues<(typeof en)[Key]>;

/** Messages without values. */
export type PlainKey = {
  [Key in MessageKey]: [Placeholders<(typeof en)[Key]>] extends [never] ? Key : never;
}[MessageKey];

/** A problem of a field, found by the console or reported by configd. */
export interface ReportedProblem {
  field: string;
  code: string;
  values?: Record<string, string> | undefined;
  reason?: Fact | undefined;
}

/** All texts of the screen in one language. */
export interface Words {
  say<Key extends MessageKey>(key: Key, ...values: Values<Key>): string;
  error(code: string): Pick<ErrorDescription, "what" | "why" | "remedy">;
  /** A setting's name or value in a review; text that an operator typed stays as it is. */
  term(text: string): string;
  /**
   * The text of facts; `text`, the English of the sender, without facts or with facts of a later
   * version.
   */
  facts(found: { facts?: readonly Fact[] | undefined; text: string }): string;
  /** The request for a firewall's administrator. */
  firewall(needs: FirewallNeeds): string[];
  problem(problem: ReportedProblem): FieldProblemDescription;
  /** The same for line mode, which has other texts where the screen's speak of moving about. */
  byLine(): Words;
}

export const english: Words = wordsOf(en, (text) => text);

/**
 * The catalogue with longer, accented texts: tests find texts that do not come from the catalogue,
 * because they stay plain.
 */
export function pseudoWords(): Words {
  return translatedWords(pseudo);
}

/** The catalogue with each text translated by `translate`. */
export function translatedWords(translate: (text: string) => string): Words {
  const translated = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, translate(text)]));
  return wordsOf({ ...en, ...translated(en) }, translate, translated(enLines));
}

function wordsOf(
  catalogue: Catalogue,
  translate: (text: string) => string,
  byLine: Partial<Catalogue> = enLines,
): Words {
  const words: Words = {
    say: (key, ...values) => fillPhrase(catalogue[key], values[0] ?? {}),
    error(code) {
      const { what, why, remedy } = errorCodes[isErrorCode(code) ? code : "internal-error"];
      return { what: translate(what), why: translate(why), remedy: translate(remedy) };
    },
    term: (text) => (settingTerms.has(text) ? translate(text) : text),
    facts: ({ facts, text }) =>
      facts === undefined ? text : (describeFacts(facts, translate) ?? text),
    firewall: (needs) =>
      firewallLines(needs, (phrase, values) => fillPhrase(catalogue[phrase], values)),
    problem(problem) {
      if (!isProblemCode(problem.code))
        return {
          message: translate(errorCodes["settings-invalid"].what),
          example: translate(errorCodes["settings-invalid"].remedy),
        };
      const { field, code, values, reason } = problem;
      return describeFieldProblem(
        { field, code, ...(values ? { values } : {}), ...(reason ? { reason } : {}) },
        translate,
      );
    },
    byLine: () =>
      Object.keys(byLine).length === 0
        ? words
        : wordsOf({ ...catalogue, ...byLine }, translate, {}),
  };
  return words;
}

function isProblemCode(code: string): code is keyof typeof fieldProblems {
  return Object.hasOwn(fieldProblems, code);
}

const accents: Readonly<Record<string, string>> = {
  a: "á",
  e: "é",
  i: "í",
  o: "ó",
  u: "ú",
  A: "Á",
  E: "É",
  I: "Í",
  O: "Ó",
  U: "Ú",
  n: "ñ",
  c: "ç",
};

/**
 * A text with accents and a third longer; its `{values}` stay. Only Latin-1, which the console's
 * font has.
 */
export function pseudo(text: string): string {
  const accented = text.replace(/\{\w+\}|[aeiouAEIOUnc]/g, (part) => accents[part] ?? part);
  const extra = Math.ceil(text.replace(/\{\w+\}/g, "").length / 3);
  return `${accented}${"~".repeat(Math.max(1, extra))}`;
}
