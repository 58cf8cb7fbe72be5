import { type Static, Type } from "@sinclair/typebox";
import { Command } from "./commands.ts";
import { Instant, ShortText, Uuid } from "./common.ts";

export const scanProfiles = ["gentle", "normal", "fast"] as const;
export const ScanProfile = Type.Union(scanProfiles.map((profile) => Type.Literal(profile)));
export type ScanProfile = (typeof scanProfiles)[number];

export const portSelections = ["top-100", "top-1000", "standard", "all"] as const;
export const PortSelection = Type.Union(portSelections.map((selection) => Type.Literal(selection)));
export type PortSelection = (typeof portSelections)[number];

/** The name of an engine (src/scan/engine.ts). */
export const EngineName = Type.String({ pattern: "^[a-z][a-z0-9-]{0,39}$" });

/**
 * The targets and limits of a scan. Targets and exclusions are addresses, CIDR prefixes or IPv4
 * ranges `first-last` (scan-targets.ts); never names, never options.
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
  /**
   * Increases when the platform gives the job out again: its lease ran out, or the appliance does
   * not have it any more.
   */
  attempt: Type.Integer({ minimum: 1 }),
  createdAt: Instant,
  /**
   * The platform does not give the job out again before that. Each heartbeat that lists the job
   * renews it.
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
 * GET {jobs}/jobs?after=VERSION&wait=SECONDS: this appliance's unfinished jobs. With `wait` the
 * platform holds the reply until the version differs from `after`, but no longer than that (at most
 * 50 s).
 */
export const JobsReply = Type.Object({
  serverTime: Instant,
  version: Type.Integer({ minimum: 0 }),
  jobs: Type.Array(Job, { maxItems: 100 }),
  /** Ids of the jobs that the appliance must stop. */
  stop: Type.Array(Uuid, { maxItems: 100 }),
  /** Commands without a result, oldest first. */
  commands: Type.Array(Command, { maxItems: 20 }),
});
export type JobsReply = Static<typeof JobsReply>;

/**
 * POST {jobs}/jobs/{id}/attempts/{attempt}/acknowledgement: the agent has the job durably in its
 * spool. Idempotent.
 */
export const Acknowledgement = Type.Object({ receivedAt: Instant });
export type Acknowledgement = Static<typeof Acknowledgement>;
export const AcknowledgementReply = Type.Object({ serverTime: Instant, leaseUntil: Instant });
export type AcknowledgementReply = Static<typeof AcknowledgementReply>;
