import { type Static, Type } from "@sinclair/typebox";
import { Instant, ShortText, Uuid, Version } from "./common.ts";

export const NetworkInterface = Type.Object({
  /** Kernel's name. */
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
  /** Share of all processors used since the last beat, 0 to 100. */
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

/** POST {health}/heartbeats: the one request of an idle cycle. */
export const Heartbeat = Type.Object({
  /** The kernel's boot id: changes with each start of the machine. */
  bootId: Uuid,
  /** Grows by one with each heartbeat of one run of the agent. */
  sequence: Type.Integer({ minimum: 0 }),
  softwareVersion: Version,
  configurationVersion: Type.Integer({ minimum: 0 }),
  health: HealthFigures,
  interfaces: Type.Array(NetworkInterface, { maxItems: 32 }),
  jobs: Type.Array(JobProgress, { maxItems: 100 }),
  /** Requests since the agent started, and how many failed. */
  counters: Type.Object({ requests: Type.Integer({ minimum: 0 }), failures: Type.Integer({ minimum: 0 }), spooledParts: Type.Integer({ minimum: 0 }) }),
  /** The proxy as host:port, or null when direct. Never with credentials. */
  proxy: Type.Union([ShortText, Type.Null()]),
});
export type Heartbeat = Static<typeof Heartbeat>;

/** The reply names the other services' versions: the agent calls only those that have news. */
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

/** PUT {health}/inventory: once at start and daily. */
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
