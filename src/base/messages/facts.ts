import { factPhrases } from "./fact-phrases.ts";
import type { Fact } from "./fact-schema.ts";
import { fillPhrase, type PhraseValues } from "./phrases.ts";

export type { Fact } from "./fact-schema.ts";
export type FactCode = keyof typeof factPhrases;

/** The bounds of fact-schema.ts. */
const longestValue = 500;
const mostFacts = 20;

/** A fact with the values that its phrase needs. Texts are cut at 500 characters. */
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

/** A text from outside, as a system's error or a proxy's reason, which is not translated. */
export function quoted(text: string): Fact {
  return fact("said", { said: text });
}

/** As a list, of at most 20. */
export function asFacts(told: Fact | readonly Fact[]): Fact[] {
  return ("code" in told ? [told] : [...told]).slice(0, mostFacts);
}

/**
 * Facts as one line, in English unless `translate` is given; null when one of them has a code that
 * this version does not know.
 */
export function describeFacts(
  facts: readonly Fact[],
  translate: (phrase: string) => string = (phrase) => phrase,
): string | null {
  const told = facts.flatMap(({ code, values }) =>
    isFactCode(code) ? [fillPhrase(translate(factPhrases[code]), values)] : [],
  );
  return told.length < facts.length ? null : told.join("; ");
}

/** Serialised form: the facts, and their English text for readers without a catalogue. */
export function withDetail(told: Fact | readonly Fact[]): { detail: string; facts: Fact[] } {
  const facts = asFacts(told);
  return { detail: describeFacts(facts) ?? "", facts };
}

function isFactCode(code: string): code is FactCode {
  return Object.hasOwn(factPhrases, code);
}
