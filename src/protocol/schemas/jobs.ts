import { type Static, Type } from "@sinclair/typebox";
import { Command } from "./commands.ts";
import { Instant, ShortText, Uuid } from "./common.ts";

export const scanProfiles = ["gentle", "normal", "fast"] as const;
export const ScanProfile = Type.Union(scanProfiles.map((profile) => Type.Literal(profile)));
export type ScanProfile = (typeof scanProfiles)[number];

export const portSelections = ["top-100", "top-1000", "all"] as const;
export const PortSelection = Type.Union(portSelections.map((selection) => Type.Literal(selection)));
export type PortSelection = (typeof portSelections)[number];

/** The name of an engine (src/scan/engine.ts). */
export const EngineName = Type.String({ pattern: "^[a-z][a-z0-9-]{0,39}$" });

/**
 * What to scan. Targets and exclusions are addresses, CIDR prefixes or IPv4 ranges `first-last`
 * (scan-targets.ts); never names, never options.
 */
export const ScanSpecification = Type.Object({
  name: ShortText,
  targets: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), {
    minItems: 1,
    maxItems: 1000,
  }),
  exclusions: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 1000 }),
  profile: ScanProfile,
  ports: PortSelection,
});
export type ScanSpecification = Static<typeof ScanSpecification>;

export const Job = Type.Object({
  id: Uuid,
  /** Grows when the platform gives the job out anew after its lease ran out. */
  attempt: Type.Integer({ minimum: 1 }),
  createdAt: Instant,
  /**
   * Until then the platform gives the job to nobody else; each heartbeat that names the job renews
   * it.
   */
  leaseUntil: Instant,
  kind: Type.Literal("scan"),
  scan: ScanSpecification,
  /**
   * The engine for the phases that several can do; absent, the appliance takes the first of its
   * list.
   */
  engine: Type.Optional(EngineName),
});
export type Job = Static<typeof Job>;

/**
 * GET {jobs}/jobs?after=VERSION&wait=SECONDS: the jobs that this appliance has not finished. With
 * `wait` the platform holds the answer until its version differs from `after`, or that many seconds
 * (at most 50) have gone by.
 */
export const JobsReply = Type.Object({
  serverTime: Instant,
  version: Type.Integer({ minimum: 0 }),
  jobs: Type.Array(Job, { maxItems: 100 }),
  /** Jobs that the appliance shall stop. */
  stop: Type.Array(Uuid, { maxItems: 100 }),
  /** Commands whose result has not come yet, in the order in which they were given. */
  commands: Type.Array(Command, { maxItems: 20 }),
});
export type JobsReply = Static<typeof JobsReply>;

/**
 * POST {jobs}/jobs/{id}/attempts/{attempt}/acknowledgement: sent when the job is durably in the
 * spool. Idempotent.
 */
export const Acknowledgement = Type.Object({ receivedAt: Instant });
export type Acknowledgement = Static<typeof Acknowledgement>;
export const AcknowledgementReply = Type.Object({ serverTime: Instant, leaseUntil: Instant });
export type AcknowledgementReply = Static<typeof AcknowledgementReply>;
