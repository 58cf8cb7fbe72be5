import { type Static, Type } from "@sinclair/typebox";
import { Fact } from "../../base/messages/fact-schema.ts";

/** The parts of the appliance that contact destinations; "console" is its path tools. */
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
  /** A name or an address; of a scan its targets. */
  host: Type.String({ minLength: 1, maxLength: 260 }),
  /** 0 for no port or many ports. */
  port: Type.Integer({ minimum: 0, maximum: 65_535 }),
  protocol: Type.Union([
    Type.Literal("tcp"),
    Type.Literal("udp"),
    Type.Literal("icmp"),
    Type.Literal("any"),
  ]),
  /** The reason in English; `reason` has it as a fact, which entries of older versions lack. */
  why: Type.String({ maxLength: 200 }),
  reason: Type.Optional(Fact),
  /** The fact behind `host` where that is a description. */
  place: Type.Optional(Fact),
};
const Addresses = Type.Array(Type.String({ maxLength: 60 }), { maxItems: 16 });

/** The contacts of one destination since the agent's last report. */
export const EgressContact = Type.Object({
  ...destination,
  addresses: Addresses,
  count: Type.Integer({ minimum: 0 }),
  at: Type.Integer({ minimum: 0 }),
});
export type EgressContact = Static<typeof EgressContact>;

/** One entry of the ledger. */
export const EgressEntry = Type.Object({
  ...destination,
  /** The addresses that were contacted, the newest last. */
  addresses: Addresses,
  firstAt: Type.Integer({ minimum: 0 }),
  lastAt: Type.Integer({ minimum: 0 }),
  /** Null for the system's services, whose contacts are not counted. */
  count: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
});
export type EgressEntry = Static<typeof EgressEntry>;

export const mostEgressEntries = 500;
/** egress.json */
export const EgressFile = Type.Object({
  entries: Type.Array(EgressEntry, { maxItems: mostEgressEntries }),
  /** The number of entries that made room for newer ones. */
  dropped: Type.Integer({ minimum: 0 }),
});
export type EgressFile = Static<typeof EgressFile>;
