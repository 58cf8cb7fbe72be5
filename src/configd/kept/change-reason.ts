import { describeFacts, type Fact } from "../../base/messages/facts.ts";
import type { ChangeOrigin } from "../../settings/model/origin.ts";

/** The reason for a change, for the history, where the caller gave no text of his own. */
export function keptBecause(reason: Fact): Pick<ChangeOrigin, "why" | "reason"> {
  return { why: describeFacts([reason]) ?? "", reason };
}
