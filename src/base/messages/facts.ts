import { factPhrases } from "./fact-phrases.ts";
import type { Fact } from "./fact-schema.ts";
import { fillPhrase, type PhraseValues } from "./phrases.ts";

export type { Fact } from "./fact-schema.ts";
export type FactCode = keyof typeof factPhrases;

/** As in the schemas. */
const longestValue = 500;
const mostFacts = 20;

export function fact<Code extends FactCode>(
  code: Code,
  ...values: PhraseValues<(typeof factPhrases)[Code]>
): Fact {
  const given: Record<string, string | number> = values[0] ?? {};
  return {
    code,
    values: Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        typeof value === "string" ? value.slice(0, longestValue) : value,
      ]),
    ),
  };
}

/** What somebody else said, or what this software has no words of its own for. */
export function said(text: string): Fact {
  return fact("said", { said: text });
}

export function asFacts(told: Fact | readonly Fact[]): Fact[] {
  return ("code" in told ? [told] : [...told]).slice(0, mostFacts);
}

/**
 * Facts as one line, in English unless told otherwise; null when one of them is of a later version,
 * which has words for it.
 */
export function tellFacts(
  facts: readonly Fact[],
  translate: (phrase: string) => string = (phrase) => phrase,
): string | null {
  const told = facts.flatMap(({ code, values }) =>
    isFactCode(code) ? [fillPhrase(translate(factPhrases[code]), values)] : [],
  );
  return told.length < facts.length ? null : told.join("; ");
}

/**
 * Facts as documents have them: with the English beside them, for those who have no words of their
 * own.
 */
export function asTold(told: Fact | readonly Fact[]): { detail: string; facts: Fact[] } {
  const facts = asFacts(told);
  return { detail: tellFacts(facts) ?? "", facts };
}

function isFactCode(code: string): code is FactCode {
  return Object.hasOwn(factPhrases, code);
}
