import { type Static, Type } from "@sinclair/typebox";
import { Fact } from "../../base/messages/fact-schema.ts";

/**
 * Who goes out: the agent and its connector, the doctor's checks, names, time, DHCP, scans, who
 * tries a path at the console.
 */
export const egressParties = [
  "agent",
  "doctor",
  "resolver",
  "time",
  "dhcp",
  "scan",
  "console",
] as const;
export type EgressParty = (typeof egressParties)[number];

const destination = {
  by: Type.Union(egressParties.map((party) => Type.Literal(party))),
  /** A name or an address; of a scan what was to be scanned. */
  host: Type.String({ minLength: 1, maxLength: 260 }),
  /** 0 where there is none, or many. */
  port: Type.Integer({ minimum: 0, maximum: 65_535 }),
  protocol: Type.Union([
    Type.Literal("tcp"),
    Type.Literal("udp"),
    Type.Literal("icmp"),
    Type.Literal("any"),
  ]),
  /**
   * In English; `reason` says the same for those who have words of their own. Lines of older
   * versions have only the text.
   */
  why: Type.String({ maxLength: 200 }),
  reason: Type.Optional(Fact),
  /** Where `host` is a description instead of a name: what it says. */
  place: Type.Optional(Fact),
};
const Addresses = Type.Array(Type.String({ maxLength: 60 }), { maxItems: 16 });

/** Contacts of one destination since the last report. */
export const EgressContact = Type.Object({
  ...destination,
  addresses: Addresses,
  count: Type.Integer({ minimum: 0 }),
  at: Type.Integer({ minimum: 0 }),
});
export type EgressContact = Static<typeof EgressContact>;

/** One line of the ledger. */
export const EgressEntry = Type.Object({
  ...destination,
  /** The addresses that were connected to, the last ones last. */
  addresses: Addresses,
  firstAt: Type.Integer({ minimum: 0 }),
  lastAt: Type.Integer({ minimum: 0 }),
  /** Null where the system's own services go there and nobody counts. */
  count: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
});
export type EgressEntry = Static<typeof EgressEntry>;

export const mostEgressEntries = 500;
/** egress.json */
export const EgressFile = Type.Object({
  entries: Type.Array(EgressEntry, { maxItems: mostEgressEntries }),
  /** Lines that made room for newer ones. */
  dropped: Type.Integer({ minimum: 0 }),
});
export type EgressFile = Static<typeof EgressFile>;
