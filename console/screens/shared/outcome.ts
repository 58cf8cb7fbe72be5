import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import type { Cell } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";

/** A check's outcome as a word, so that colour is not its only sign. */
export function outcomeCell(result: CheckResult | undefined, words: Words): Cell {
  switch (result?.outcome) {
    case "ok":
      return { text: words.say("outcome.ok"), style: "good" };
    case "warning":
      return { text: words.say("outcome.warning"), style: "warning" };
    case "failed":
      return { text: words.say("outcome.failed"), style: "bad" };
    case "skipped":
      return { text: words.say("outcome.skipped"), style: "muted" };
    default:
      return { text: words.say("outcome.none"), style: "muted" };
  }
}
