import { describeFacts, type Fact } from "../../base/messages/facts.ts";
import type { EgressEntry } from "./egress.ts";

/** The reason for a contact, in the form of the ledger. */
export function because(reason: Fact): Pick<EgressEntry, "why" | "reason"> {
  return { why: (describeFacts([reason]) ?? "").slice(0, 200), reason };
}

/** A destination that a fact describes, instead of a name or an address. */
export function described(place: Fact): Pick<EgressEntry, "host" | "place"> {
  return { host: (describeFacts([place]) ?? "").slice(0, 260), place };
}
