import { type Static, Type } from "@sinclair/typebox";
import { Instant, Uuid } from "../protocol/schemas/common.ts";
import { EngineName, PortSelection, ScanProfile } from "../protocol/schemas/jobs.ts";
import { PortSlice } from "./port-slice.ts";

const closed = { additionalProperties: false } as const;
const Target = Type.String({ minLength: 1, maxLength: 50 });

/**
 * What a shard does: find out which addresses are up; find open ports; ask what answers on those.
 */
export const phases = ["discover", "ports", "services"] as const;
export const Phase = Type.Union(phases.map((phase) => Type.Literal(phase)));
export type Phase = Static<typeof Phase>;

/**
 * One run of an engine: /data/outrider/scan/JOB/SHARD.plan.json. The agent writes it, the runner
 * reads it and checks it again. It holds only numbers, addresses and values of fixed lists: nothing
 * in it can become an option of the engine.
 */
export const ShardPlan = Type.Object(
  {
    version: Type.Literal(1),
    /** Absent in plans of versions that had one engine only, nmap. */
    engine: Type.Optional(EngineName),
    jobId: Uuid,
    attempt: Type.Integer({ minimum: 1 }),
    shard: Type.Integer({ minimum: 0, maximum: 999_999 }),
    /** 1 for the first try, 2 for the one after a failure. */
    tryNumber: Type.Integer({ minimum: 1, maximum: 9 }),
    phase: Phase,
    /** Addresses, prefixes or ranges. */
    targets: Type.Array(Target, { minItems: 1, maxItems: 2048 }),
    exclusions: Type.Array(Target, { maxItems: 1200 }),
    profile: ScanProfile,
    ports: PortSelection,
    /** The ports of this shard; absent in discovery. */
    slice: Type.Optional(PortSlice),
    /** The engine's name for what discovery sends; absent in the other phases. */
    probes: Type.Optional(Type.String({ pattern: "^[a-z]{1,20}$" })),
    /** This shard's share of the job's packets per second. */
    packetsPerSecond: Type.Integer({ minimum: 1, maximum: 100_000 }),
    /** The kernel's name of the interface; null lets the routing table choose. */
    device: Type.Union([
      Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$" }),
      Type.Null(),
    ]),
    /** The runner ends the engine after this time. */
    deadlineSeconds: Type.Integer({ minimum: 1, maximum: 604_800 }),
    /**
     * How long the shard waits each time for a card without link or address. Absent in plans of
     * versions that did not wait: half an hour.
     */
    cardWaitSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  },
  closed,
);
export type ShardPlan = Static<typeof ShardPlan>;

/** A time in which the scan's card could not be used. */
export const Outage = Type.Object(
  {
    /** The kernel's name of the card. */
    card: Type.String({ maxLength: 15 }),
    kind: Type.Union([
      Type.Literal("missing"),
      Type.Literal("no-link"),
      Type.Literal("no-address"),
    ]),
    from: Instant,
    to: Instant,
  },
  closed,
);
export type Outage = Static<typeof Outage>;

/** While a shard waits for its card: SHARD.waiting.json, for the agent to show. */
export const CardWait = Type.Object(
  {
    version: Type.Literal(1),
    attempt: Type.Integer({ minimum: 1 }),
    tryNumber: Type.Integer({ minimum: 1 }),
    card: Outage.properties.card,
    kind: Outage.properties.kind,
    from: Instant,
    /** When the shard gives up, by the clock as it was when the wait began. */
    until: Instant,
  },
  closed,
);
export type CardWait = Static<typeof CardWait>;

/** The most outages of one shard; the runner gives up after them. */
export const mostOutages = 8;

/** How the engine ended: SHARD.done.json, the last file that the runner writes. */
export const ShardDone = Type.Object(
  {
    version: Type.Literal(1),
    attempt: Type.Integer({ minimum: 1 }),
    tryNumber: Type.Integer({ minimum: 1 }),
    exitCode: Type.Union([Type.Integer(), Type.Null()]),
    signal: Type.Union([Type.String({ maxLength: 20 }), Type.Null()]),
    startedAt: Instant,
    endedAt: Instant,
    /** The end of the engine's standard error. */
    errorTail: Type.String({ maxLength: 4000 }),
    /** When the card was away. The engine ran again after each. */
    outages: Type.Optional(Type.Array(Outage, { maxItems: mostOutages + 1 })),
    /** The card did not come back, or not for long enough: the engine has no result. */
    gaveUp: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type ShardDone = Static<typeof ShardDone>;
