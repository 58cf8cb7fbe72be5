import { type Static, Type } from "@sinclair/typebox";
import { Facts } from "../../base/messages/fact-schema.ts";
import { CheckResult } from "./check-result.ts";
import { Instant, Sha256, ShortText, Uuid, Version } from "./common.ts";
import { ContentItem } from "./updates.ts";

export const NetworkInterface = Type.Object({
  /** The device: the kernel's name. */
  name: Type.String({ maxLength: 15 }),
  role: Type.Union([Type.Literal("lan"), Type.Literal("wan"), Type.Null()]),
  macAddress: Type.String({ maxLength: 60 }),
  linkUp: Type.Boolean(),
  /** With prefix length, as 192.0.2.10/24. */
  addresses: Type.Array(Type.String({ maxLength: 50 }), { maxItems: 32 }),
});
export type NetworkInterface = Static<typeof NetworkInterface>;

export const HealthFigures = Type.Object({
  uptimeSeconds: Type.Number({ minimum: 0 }),
  loadAverage: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
  /** Used share of all processors since the last heartbeat. */
  processorPercent: Type.Number({ minimum: 0, maximum: 100 }),
  processorCount: Type.Integer({ minimum: 1 }),
  memoryTotalBytes: Type.Integer({ minimum: 0 }),
  memoryAvailableBytes: Type.Integer({ minimum: 0 }),
  dataTotalBytes: Type.Integer({ minimum: 0 }),
  dataAvailableBytes: Type.Integer({ minimum: 0 }),
});
export type HealthFigures = Static<typeof HealthFigures>;

export const scanStates = ["waiting", "running", "uploading"] as const;
export const JobProgress = Type.Object({
  jobId: Uuid,
  attempt: Type.Integer({ minimum: 1 }),
  state: Type.Union(scanStates.map((state) => Type.Literal(state))),
  percent: Type.Number({ minimum: 0, maximum: 100 }),
  hostsFound: Type.Integer({ minimum: 0 }),
});
export type JobProgress = Static<typeof JobProgress>;

const Count = Type.Integer({ minimum: 0 });

/** Counted since the agent started. */
export const Counters = Type.Object({
  requests: Count,
  /** Requests that failed, also when repeated where that may help. */
  failures: Count,
  spooledParts: Count,
  /**
   * Requests repeated immediately, because a kept connection was dead or the server's clock had just
   * been learnt.
   */
  repeats: Type.Optional(Count),
  connections: Type.Optional(Count),
  heartbeats: Type.Optional(Count),
  /**
   * Long polls for jobs, and how many seconds the platform is asked to hold one now; 0 where the
   * path cuts held requests.
   */
  polls: Type.Optional(Count),
  pollSeconds: Type.Optional(Count),
  /** How often the clock was set or the machine was suspended. */
  clockJumps: Type.Optional(Count),
});
export type Counters = Static<typeof Counters>;

/** Beyond this nobody reads on, and a heartbeat stays small. */
export const mostOutageChecks = 20;

/**
 * Why the platform could not be reached for a while, as the appliance's doctor found it then. The
 * heartbeat that gets through at last brings it, and a repeated one the same again.
 */
export const Outage = Type.Object({
  /** When the first call failed, by the platform's clock as far as it was known. */
  since: Instant,
  checkedAt: Instant,
  /** Of the first check that failed, or of the call where none did: a code of error-codes.ts. */
  code: Type.String({ maxLength: 60 }),
  /** Those that failed, and warnings. */
  checks: Type.Array(CheckResult, { maxItems: mostOutageChecks }),
});
export type Outage = Static<typeof Outage>;

/** What is wrong with the appliance's cards and networks, as it reports it itself. */
export const NetworkReport = Type.Object({
  /** Of error-codes.ts. */
  code: Type.String({ maxLength: 60 }),
  detail: Type.String({ maxLength: 2000 }),
  facts: Type.Optional(Facts),
});
export type NetworkReport = Static<typeof NetworkReport>;

/** By which keys an appliance knows the platform. */
export const Trusts = Type.Object({
  /** Ids of the keys that replies may be signed with. */
  replyKeys: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 20 }),
  /** SHA-256 of each of the platform's certificate authorities. */
  authorities: Type.Array(Sha256, { maxItems: 20 }),
});
export type Trusts = Static<typeof Trusts>;

/** More than the cards of one machine give cause for. */
export const mostNetworkReports = 20;

/** POST {health}/heartbeats: the only request of an idle cycle. */
export const Heartbeat = Type.Object({
  /** Identifies one start of one machine: no other start and no copy has the same. */
  bootId: Uuid,
  /** SHA-256 over machine id, hardware and network cards; a copy of a machine mostly differs. */
  machine: Type.Optional(Sha256),
  /** Starts of the agent, counted on the disk. It falls when a snapshot was restored. */
  starts: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Increases by one with each heartbeat of one run of the agent. */
  sequence: Type.Integer({ minimum: 0 }),
  softwareVersion: Version,
  configurationVersion: Type.Integer({ minimum: 0 }),
  /** What it knows the platform by. */
  trusts: Type.Optional(Trusts),
  health: HealthFigures,
  interfaces: Type.Array(NetworkInterface, { maxItems: 32 }),
  /** Absent where nothing is wrong with them. */
  networkReports: Type.Optional(Type.Array(NetworkReport, { maxItems: mostNetworkReports })),
  jobs: Type.Array(JobProgress, { maxItems: 100 }),
  counters: Counters,
  /** The proxy as host:port, or null when direct. Never with credentials. */
  proxy: Type.Union([ShortText, Type.Null()]),
  /** Results that wait to be sent. When it is full, the agent takes no new job. */
  spool: Type.Optional(
    Type.Object({
      usedBytes: Type.Integer({ minimum: 0 }),
      limitBytes: Type.Integer({ minimum: 0 }),
      full: Type.Boolean(),
    }),
  ),
  /** The last outage, until a heartbeat with it was answered. */
  outage: Type.Optional(Outage),
  /** The state of signature packs and software. */
  updates: Type.Optional(
    Type.Object({
      items: Type.Array(ContentItem, { maxItems: 50 }),
      /** When the signed list was last read completely. */
      checkedAt: Type.Union([Instant, Type.Null()]),
      /** Why it could not be read since: a code of error-codes.ts. */
      code: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
    }),
  ),
});
export type Heartbeat = Static<typeof Heartbeat>;

/** The other services' versions: the agent calls only those whose version changed. */
export const HeartbeatReply = Type.Object({
  serverTime: Instant,
  versions: Type.Object({
    configuration: Type.Integer({ minimum: 0 }),
    /** Changes when this appliance's list of jobs does. */
    jobs: Type.Integer({ minimum: 0 }),
    /** Changes when the announcements do. */
    updates: Type.Integer({ minimum: 0 }),
  }),
});
export type HeartbeatReply = Static<typeof HeartbeatReply>;

/** PUT {health}/inventory: at start, then daily. */
export const Inventory = Type.Object({
  hostname: ShortText,
  operatingSystem: ShortText,
  kernel: ShortText,
  virtualization: ShortText,
  manufacturer: ShortText,
  model: ShortText,
  processor: ShortText,
  processorCount: Type.Integer({ minimum: 0 }),
  memoryTotalBytes: Type.Integer({ minimum: 0 }),
  softwareVersion: Version,
  engine: Type.Object({ name: ShortText, version: ShortText }),
});
export type Inventory = Static<typeof Inventory>;

export const InventoryReply = Type.Object({ serverTime: Instant });
export type InventoryReply = Static<typeof InventoryReply>;
