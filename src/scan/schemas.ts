import { type Static, Type } from "@sinclair/typebox";
import { Instant, Uuid } from "../protocol/schemas/common.ts";
import { PortSelection, ScanProfile } from "../protocol/schemas/jobs.ts";

const closed = { additionalProperties: false } as const;
const Target = Type.String({ minLength: 1, maxLength: 50 });

/**
 * One run of the engine: /data/outrider/scan/JOB/SHARD.plan.json, written by the agent, read and
 * checked again by the runner. It holds words of fixed lists, numbers and addresses only: nothing
 * in it can become an option of nmap.
 */
export const ShardPlan = Type.Object(
  {
    version: Type.Literal(1),
    jobId: Uuid,
    attempt: Type.Integer({ minimum: 1 }),
    shard: Type.Integer({ minimum: 0, maximum: 999_999 }),
    /** 1 for the first try, 2 for the one after a failure. */
    tryNumber: Type.Integer({ minimum: 1, maximum: 9 }),
    phase: Type.Union([Type.Literal("discover"), Type.Literal("services")]),
    /** Addresses, prefixes or ranges. */
    targets: Type.Array(Target, { minItems: 1, maxItems: 2048 }),
    exclusions: Type.Array(Target, { maxItems: 1200 }),
    profile: ScanProfile,
    ports: PortSelection,
    /** This shard's share of the job's packets per second. */
    packetsPerSecond: Type.Integer({ minimum: 1, maximum: 100_000 }),
    /** The kernel's name of the interface; null lets the routing table choose. */
    device: Type.Union([
      Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$" }),
      Type.Null(),
    ]),
    /** The engine is ended after this time. */
    deadlineSeconds: Type.Integer({ minimum: 1, maximum: 604_800 }),
  },
  closed,
);
export type ShardPlan = Static<typeof ShardPlan>;

/** How the engine ended: SHARD.done.json, the last thing that the runner writes. */
export const ShardDone = Type.Object(
  {
    version: Type.Literal(1),
    attempt: Type.Integer({ minimum: 1 }),
    tryNumber: Type.Integer({ minimum: 1 }),
    exitCode: Type.Union([Type.Integer(), Type.Null()]),
    signal: Type.Union([Type.String({ maxLength: 20 }), Type.Null()]),
    startedAt: Instant,
    endedAt: Instant,
    /** The end of what it wrote to standard error. */
    errorTail: Type.String({ maxLength: 4000 }),
  },
  closed,
);
export type ShardDone = Static<typeof ShardDone>;
