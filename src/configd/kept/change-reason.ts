import { type Fact, tellFacts } from "../../base/messages/facts.ts";
import type { ChangeOrigin } from "../../settings/model/origin.ts";

/** Why settings are kept, as their history has it, where nobody said it in words of his own. */
export function keptBecause(reason: Fact): Pick<ChangeOrigin, "why" | "reason"> {
  return { why: tellFacts([reason]) ?? "", reason };
}
