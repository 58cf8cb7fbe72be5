import type { Cell } from "../page/page.ts";
import type { Words } from "../words/words.ts";

/** A failure or a passed check as its facts: what, why, what to do. */
export function explain({ code, detail, outcome }: { code: string | null; detail: string; outcome?: string }, words: Words): { label: string; value: Cell }[] {
  const facts: { label: string; value: Cell }[] = detail === "" ? [] : [{ label: words.say("diagnostics.detail"), value: { text: detail, style: "muted" } }];
  if (code === null || outcome === "ok") return facts;
  const { what, why, remedy } = words.error(code);
  return [
    { label: words.say("diagnostics.what"), value: { text: what, style: "bad" } },
    { label: words.say("diagnostics.why"), value: { text: why } },
    { label: words.say("diagnostics.remedy"), value: { text: remedy, style: "strong" } },
    ...facts,
  ];
}
