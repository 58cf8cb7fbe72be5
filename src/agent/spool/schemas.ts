import { type Static, Type } from "@sinclair/typebox";
import { Sha256, ShortText } from "../../protocol/schemas/common.ts";
import { Job } from "../../protocol/schemas/jobs.ts";
import { Completion } from "../../protocol/schemas/results.ts";

const Instant = Type.Integer({ minimum: 0 });
const Count = Type.Integer({ minimum: 0 });

/** job.json */
export const SpooledJob = Type.Object({ receivedAt: Instant, job: Job });
export type SpooledJob = Static<typeof SpooledJob>;

const Shard = Type.Object({
  shard: Count,
  phase: Type.Union([Type.Literal("discover"), Type.Literal("services")]),
  targets: Type.Array(Type.String({ maxLength: 50 })),
  addresses: Count,
});

/** plan.json: written once, when the job begins. */
export const SpooledPlan = Type.Object({ startedAt: Instant, addresses: Count, shards: Type.Array(Shard) });
export type SpooledPlan = Static<typeof SpooledPlan>;

/** services.json: written once, when discovery has ended. */
export const SpooledShards = Type.Object({ shards: Type.Array(Shard) });
export type SpooledShards = Static<typeof SpooledShards>;

/** shards/N.json: written once, when the shard's result is safe; it is never run again then. */
export const SpooledShard = Type.Object({
  shard: Count,
  outcome: Type.Union([Type.Literal("done"), Type.Literal("failed")]),
  /** Why it failed. */
  reason: Type.String({ maxLength: 500 }),
  /** Addresses of the hosts that are up. */
  up: Type.Array(Type.String({ maxLength: 50 })),
  addresses: Count,
  openPorts: Count,
  /** Hosts that took too long. */
  timedOut: Type.Array(Type.String({ maxLength: 50 })),
  engineVersion: ShortText,
});
export type SpooledShard = Static<typeof SpooledShard>;

/** receipts/N.json: the platform has the part; its file can go. */
export const SpooledReceipt = Type.Object({ number: Count, sha256: Sha256, receivedAt: Instant });
export type SpooledReceipt = Static<typeof SpooledReceipt>;

/** completion.json: the job has ended here. The digests of the parts are filled in when it is sent. */
export const SpooledCompletion = Type.Omit(Completion, ["parts"]);
export type SpooledCompletion = Static<typeof SpooledCompletion>;

/** last-scan.json: what the console shows of the last one. */
export const LastScan = Type.Object({
  name: Type.String({ maxLength: 2000 }),
  endedAt: Instant,
  state: Type.String({ maxLength: 200 }),
  hostsUp: Type.Integer(),
  openPorts: Type.Integer(),
  uploaded: Type.Boolean(),
});
export type LastScan = Static<typeof LastScan>;
