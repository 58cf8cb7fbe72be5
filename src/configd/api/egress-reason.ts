import { type Fact, tellFacts } from "../../base/messages/facts.ts";
import type { EgressEntry } from "./egress.ts";

/** Why something is contacted, as the ledger keeps it. */
export function because(reason: Fact): Pick<EgressEntry, "why" | "reason"> {
  return { why: (tellFacts([reason]) ?? "").slice(0, 200), reason };
}

/** A destination that is described instead of named. */
export function described(place: Fact): Pick<EgressEntry, "host" | "place"> {
  return { host: (tellFacts([place]) ?? "").slice(0, 260), place };
}
