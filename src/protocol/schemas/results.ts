import { type Static, Type } from "@sinclair/typebox";
import { Instant, Sha256, ShortText, Uuid } from "./common.ts";

/** The longest content of a part, and of a completion. Appliances make them far smaller. */
export const longestPartBytes = 8 * 2 ** 20;

export const Service = Type.Object({
  name: ShortText,
  product: Type.Optional(ShortText),
  version: Type.Optional(ShortText),
  extraInformation: Type.Optional(ShortText),
  /** "ssl" for a service inside TLS. */
  tunnel: Type.Optional(ShortText),
  /** How nmap named it: "probed" by asking the service, "table" by its port number. */
  method: Type.Union([Type.Literal("probed"), Type.Literal("table")]),
  /** nmap's confidence, 0 to 10. */
  confidence: Type.Integer({ minimum: 0, maximum: 10 }),
  /** CPE 2.2 URIs as nmap prints them. */
  cpe: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 20 }),
});
export type Service = Static<typeof Service>;

export const Port = Type.Object({
  protocol: Type.Union([Type.Literal("tcp"), Type.Literal("udp"), Type.Literal("sctp")]),
  number: Type.Integer({ minimum: 0, maximum: 65_535 }),
  /** As nmap has it: open, open|filtered, closed, filtered, unfiltered, closed|filtered. */
  state: ShortText,
  reason: ShortText,
  service: Type.Optional(Service),
});
export type Port = Static<typeof Port>;

export const HostObservation = Type.Object({
  address: Type.String({ maxLength: 50 }),
  macAddress: Type.Optional(ShortText),
  macVendor: Type.Optional(ShortText),
  hostnames: Type.Array(Type.String({ maxLength: 255 }), { maxItems: 50 }),
  reason: ShortText,
  ports: Type.Array(Port, { maxItems: 65_536 }),
  /** The host took too long, or its scan did not end. A port that is missing here need not be closed. */
  timedOut: Type.Boolean(),
  /**
   * The part has only some of the host's ports, since the path has an upload limit. Other parts
   * have the other ports.
   */
  partial: Type.Optional(Type.Literal(true)),
});
export type HostObservation = Static<typeof HostObservation>;

/**
 * PUT {results}/jobs/{id}/attempts/{attempt}/parts/{number}: one part of a result, numbered from 0.
 * Idempotent; other content under the same number is refused.
 */
export const ResultPart = Type.Object({
  jobId: Uuid,
  attempt: Type.Integer({ minimum: 1 }),
  number: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  hosts: Type.Array(HostObservation, { maxItems: 5000 }),
});
export type ResultPart = Static<typeof ResultPart>;

/** The agent deletes a part from its spool only against this receipt, signed like every reply. */
export const PartReceipt = Type.Object({
  jobId: Uuid,
  attempt: Type.Integer({ minimum: 1 }),
  number: Type.Integer({ minimum: 0 }),
  sha256: Sha256,
  receivedAt: Instant,
});
export type PartReceipt = Static<typeof PartReceipt>;

/** The most parts of one result. */
export const mostParts = 1_000_000;
/** The most receipts in one reply. */
export const partsInReply = 5000;

/**
 * GET {results}/jobs/{id}/attempts/{attempt}/parts?from=NUMBER: receipts in order, at most 5000
 * from that number on.
 */
export const PartsReply = Type.Object({
  parts: Type.Array(PartReceipt, { maxItems: partsInReply }),
  /** true when there are more, from the number after the last one here. */
  more: Type.Boolean(),
  complete: Type.Boolean(),
});
export type PartsReply = Static<typeof PartsReply>;

/**
 * The progress of a job at one moment. The completion carries these notes, so that the course of a
 * scan can be seen even if the platform was away for days.
 */
export const ProgressNote = Type.Object({
  at: Instant,
  percent: Type.Number({ minimum: 0, maximum: 100 }),
  hostsFound: Type.Integer({ minimum: 0 }),
});
export type ProgressNote = Static<typeof ProgressNote>;

export const completionStates = ["completed", "incomplete", "failed", "stopped"] as const;

/** POST {results}/jobs/{id}/attempts/{attempt}/completion: after the last part. Idempotent. */
export const Completion = Type.Object({
  state: Type.Union(completionStates.map((state) => Type.Literal(state))),
  /** If the platform does not have all parts, it answers 409 with the missing numbers. */
  partCount: Type.Integer({ minimum: 0, maximum: mostParts }),
  /** SHA-256 over the digests (hexadecimal text) of all parts that are not lost, in order. */
  partsSha256: Sha256,
  /** Numbers of the parts that were damaged on the appliance before they were sent. */
  lost: Type.Array(Type.Integer({ minimum: 0, maximum: mostParts }), { maxItems: 100_000 }),
  addressesScanned: Type.Integer({ minimum: 0 }),
  hostsUp: Type.Integer({ minimum: 0 }),
  openPorts: Type.Integer({ minimum: 0 }),
  startedAt: Instant,
  endedAt: Instant,
  engine: Type.Object({ name: ShortText, version: ShortText }),
  problems: Type.Array(
    Type.Object({ code: Type.String({ maxLength: 60 }), detail: Type.String({ maxLength: 500 }) }),
    { maxItems: 1000 },
  ),
  course: Type.Optional(Type.Array(ProgressNote, { maxItems: 200 })),
});
export type Completion = Static<typeof Completion>;

export const CompletionReceipt = Type.Object({
  jobId: Uuid,
  attempt: Type.Integer({ minimum: 1 }),
  receivedAt: Instant,
});
export type CompletionReceipt = Static<typeof CompletionReceipt>;
