import type { Fact } from "../../../src/base/messages/facts.ts";
import type { Cell } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";

interface Fault {
  code: string;
  detail: string;
  facts?: readonly Fact[] | undefined;
}

/** The error in one sentence, with at most `longest` characters of its detail. */
export function faultText(
  { code, detail, facts }: Fault,
  words: Words,
  longest = Number.POSITIVE_INFINITY,
): string {
  const { what } = words.error(code);
  const exactly = [...words.facts({ facts, text: detail })].slice(0, longest).join("");
  return exactly === "" ? what : `${what} (${exactly})`;
}

/** A failure or a passed check as facts: error, cause, remedy. */
export function explain(
  {
    code,
    detail,
    facts: found,
    outcome,
  }: { code: string | null; detail: string; facts?: readonly Fact[]; outcome?: string },
  words: Words,
): { label: string; value: Cell }[] {
  const text = words.facts({ facts: found, text: detail });
  const facts: { label: string; value: Cell }[] =
    text === ""
      ? []
      : [{ label: words.say("diagnostics.detail"), value: { text, style: "muted" } }];
  if (code === null || outcome === "ok") return facts;
  const { what, why, remedy } = words.error(code);
  return [
    { label: words.say("diagnostics.what"), value: { text: what, style: "bad" } },
    { label: words.say("diagnostics.why"), value: { text: why } },
    { label: words.say("diagnostics.remedy"), value: { text: remedy, style: "strong" } },
    ...facts,
  ];
}
