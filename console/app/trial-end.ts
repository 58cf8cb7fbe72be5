import type { Status } from "../../src/configd/api/status.ts";
import type { Style } from "../frame/frame.ts";
import type { Words } from "../words/words.ts";

/** The message about a trial's end. */
export function endMessage(
  end: NonNullable<Status["lastTrial"]>,
  words: Words,
): { text: string; style: Style } {
  switch (end.end) {
    case "kept":
      return { text: words.say("trial.ended.kept"), style: "good" };
    case "reverted":
      return { text: words.say("trial.ended.reverted"), style: "warning" };
    case "timed-out":
      return { text: words.say("trial.ended.timed-out"), style: "warning" };
    case "failed":
      return {
        text: words.say("trial.ended.failed", {
          detail: words.facts({ facts: end.facts, text: end.detail }),
        }),
        style: "bad",
      };
  }
}
