import { type Static, Type } from "@sinclair/typebox";
import { ShortText } from "../../protocol/schemas/common.ts";
import { EngineName, Job } from "../../protocol/schemas/jobs.ts";
import { Completion, ProgressNote } from "../../protocol/schemas/results.ts";

const Instant = Type.Integer({ minimum: 0 });
const Count = Type.Integer({ minimum: 0 });

/** job.json */
export const SpooledJob = Type.Object({ receivedAt: Instant, job: Job });
export type SpooledJob = Static<typeof SpooledJob>;

/** Ports of a shard, as src/scan/ports.ts has them. */
const PortSlice = Type.Union([
  Type.Object({ protocol: Type.Literal("tcp"), top: Count }),
  Type.Object({
    protocol: Type.Union([Type.Literal("tcp"), Type.Literal("udp")]),
    list: Type.String({ maxLength: 8000 }),
  }),
]);

const Shard = Type.Object({
  shard: Count,
  phase: Type.Union([Type.Literal("discover"), Type.Literal("ports"), Type.Literal("services")]),
  targets: Type.Array(Type.String({ maxLength: 50 })),
  addresses: Count,
  slice: Type.Optional(PortSlice),
  openPorts: Type.Optional(Count),
  probes: Type.Optional(Type.String({ maxLength: 20 })),
  confirms: Type.Optional(Type.String({ maxLength: 200 })),
  /** Absent in spools of versions that had one engine only, nmap. */
  engine: Type.Optional(EngineName),
});

/** An address near the appliance that a scan of its network does not touch. */
export const LeftOut = Type.Object({
  address: Type.String({ maxLength: 45 }),
  role: Type.Union([
    Type.Literal("own"),
    Type.Literal("broadcast"),
    Type.Literal("gateway"),
    Type.Literal("proxy"),
    Type.Literal("platform"),
  ]),
});
export type LeftOut = Static<typeof LeftOut>;

/** plan.json: written once, when the job begins. */
export const SpooledPlan = Type.Object({
  startedAt: Instant,
  addresses: Count,
  shards: Type.Array(Shard),
  /** Absent in plans of version 0.2, which left none out. */
  leftOut: Type.Optional(Type.Array(LeftOut)),
});
export type SpooledPlan = Static<typeof SpooledPlan>;

/**
 * ports.json and services.json: written once, when the phase before has ended. splits/N.json: the
 * shards that shard N was divided into, written once.
 */
export const SpooledShards = Type.Object({ shards: Type.Array(Shard) });
export type SpooledShards = Static<typeof SpooledShards>;

/** A time in which a shard's card was away, as the runner tells it. */
const Outage = Type.Object({
  card: Type.String({ maxLength: 15 }),
  kind: Type.Union([Type.Literal("missing"), Type.Literal("no-link"), Type.Literal("no-address")]),
  from: Instant,
  to: Instant,
});

/** shards/N.json: written once, when the shard's result is stored; the shard then never runs again. */
export const SpooledShard = Type.Object({
  shard: Count,
  /** "stopped": the scan was stopped while it ran; it has what the engine had found until then. */
  outcome: Type.Union([Type.Literal("done"), Type.Literal("failed"), Type.Literal("stopped")]),
  /** Why it failed. */
  reason: Type.String({ maxLength: 500 }),
  /** Addresses of the hosts that are up. */
  up: Type.Array(Type.String({ maxLength: 50 })),
  addresses: Count,
  openPorts: Count,
  /** Open ports by host, at most 1,000 of each protocol; absent in the other phases. */
  open: Type.Optional(
    Type.Array(
      Type.Object({
        address: Type.String({ maxLength: 50 }),
        tcp: Type.Array(Count),
        udp: Type.Array(Count),
      }),
    ),
  ),
  /** Addresses of hosts whose scan timed out. */
  timedOut: Type.Array(Type.String({ maxLength: 50 })),
  /** Absent in spools of versions that had one engine only, nmap. */
  engine: Type.Optional(EngineName),
  engineVersion: ShortText,
  /** When the card was away while it ran, and ran again. */
  outages: Type.Optional(Type.Array(Outage)),
  /** It failed because the card did not come back. */
  cardGone: Type.Optional(Type.Literal(true)),
  /** Numbers of the parts that hold its hosts, so that a part whose file vanished is noticed. */
  parts: Type.Array(Count),
});
export type SpooledShard = Static<typeof SpooledShard>;

/** The platform's confirmation of a part, kept in a file name. */
export interface SpooledReceipt {
  sha256: string;
  receivedAt: number;
}

const Span = { from: Count, to: Count };
/**
 * slices/N.json: the slices of the stored part N, each uploaded as a part with its own number: hosts
 * from `from` up to, but not including, `to`. A single host that is too large is cut by its ports.
 */
const Slice = Type.Object({ number: Count, ...Span, ports: Type.Optional(Type.Object(Span)) });
export type SpooledSlice = Static<typeof Slice>;
export const SpooledSlices = Type.Object({ slices: Type.Array(Slice) });

/**
 * A shard's output is being read. The note is there after the agent's end only if it did not end by
 * itself.
 */
export const SpooledReading = Type.Object({
  tryNumber: Type.Integer({ minimum: 1 }),
  /** How often the reading was begun. */
  begun: Type.Integer({ minimum: 1 }),
});
export type SpooledReading = Static<typeof SpooledReading>;

/** notes/N.json: the progress of the job at one moment. Dropped first when space is short. */
export const SpooledNote = ProgressNote;
export type SpooledNote = Static<typeof SpooledNote>;

/** completion.json: the job has ended here. The state of its parts is added when it is sent. */
export const SpooledCompletion = Type.Composite([
  Type.Omit(Completion, ["partsSha256", "lost", "course"]),
]);
export type SpooledCompletion = Static<typeof SpooledCompletion>;

/** last-scan.json: the last scan, as the console shows it. */
export const LastScan = Type.Object({
  name: Type.String({ maxLength: 2000 }),
  endedAt: Instant,
  state: Type.String({ maxLength: 200 }),
  hostsUp: Type.Integer(),
  openPorts: Type.Integer(),
  uploaded: Type.Boolean(),
});
export type LastScan = Static<typeof LastScan>;
