import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Facts } from "../../base/messages/fact-schema.ts";
import { CheckResult } from "../../protocol/schemas/check-result.ts";
import {
  Counters,
  HealthFigures,
  JobProgress,
  NetworkReport,
  Outage,
} from "../../protocol/schemas/health.ts";
import { ContentItem } from "../../protocol/schemas/updates.ts";
import { ChangeOrigin } from "../../settings/model/origin.ts";
import { Settings } from "../../settings/model/schema.ts";
import { ZeroTouchReport } from "../../settings/zero-touch/report.ts";

const Instant = Type.Integer({ minimum: 0 });
const Text = Type.String({ maxLength: 2000 });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * A failure for the operator: its error code, the detail in English, the same as facts unless it is a
 * text of another program, and the time.
 */
export const Failure = Type.Object({
  code: Type.String({ maxLength: 60 }),
  detail: Text,
  facts: Type.Optional(Facts),
  at: Instant,
});
export type Failure = Static<typeof Failure>;

export const ServiceStatus = Type.Object({
  url: nullable(Text),
  lastSuccessAt: nullable(Instant),
  /** The last failure, until a success follows it. */
  failure: nullable(Failure),
});
export type ServiceStatus = Static<typeof ServiceStatus>;

export const agentStates = [
  "not-enrolled",
  "enrolling",
  "enrolment-failed",
  "starting",
  "connected",
  "failing",
] as const;

/** A scan waits for its card since `from`, and gives up what it was at when `until` comes. */
export const ScanWait = Type.Object({
  /** The kernel's name of the card; null where the role has none. */
  card: nullable(Type.String({ maxLength: 15 })),
  kind: Type.Union([Type.Literal("missing"), Type.Literal("no-link"), Type.Literal("no-address")]),
  from: Instant,
  until: nullable(Instant),
});
export type ScanWait = Static<typeof ScanWait>;

/** The agent's part of the status. The agent pushes it as a whole at each change. */
export const AgentStatus = Type.Object({
  state: Type.Union(agentStates.map((state) => Type.Literal(state))),
  applianceId: nullable(Type.String({ maxLength: 36 })),
  applianceName: nullable(Text),
  platformName: nullable(Text),
  /** When the next call is due, by the appliance's clock; null while none is planned. */
  nextCallAt: nullable(Instant),
  intervalSeconds: Type.Integer({ minimum: 0 }),
  /** The platform's clock minus the appliance's, from signed replies. */
  clockOffsetMs: nullable(Type.Integer()),
  services: Type.Object({
    enrolment: ServiceStatus,
    health: ServiceStatus,
    updates: ServiceStatus,
    jobs: ServiceStatus,
    results: ServiceStatus,
  }),
  /**
   * The route of the last connection: a proxy's `host:port` or "direct", whether it is a fallback
   * because the proxy fails, and the issuer of the server's certificate.
   */
  path: Type.Optional(
    nullable(
      Type.Object(
        { route: Text, fallback: Type.Boolean(), issuer: Text, intercepted: Type.Boolean() },
        { additionalProperties: false },
      ),
    ),
  ),
  /** The failure to show first. */
  failure: nullable(Failure),
  jobs: Type.Array(
    Type.Composite([
      JobProgress,
      Type.Object({ name: Text, waitsFor: Type.Optional(nullable(ScanWait)) }),
    ]),
    { maxItems: 100 },
  ),
  lastScan: nullable(
    Type.Object({
      name: Text,
      endedAt: Instant,
      state: Text,
      hostsUp: Type.Integer(),
      openPorts: Type.Integer(),
      uploaded: Type.Boolean(),
    }),
  ),
  spooledParts: Type.Integer({ minimum: 0 }),
  /** The spool. Has a failure while it is full: the agent takes no new job until results are sent. */
  spool: Type.Optional(
    Type.Object({
      usedBytes: Type.Integer({ minimum: 0 }),
      limitBytes: Type.Integer({ minimum: 0 }),
      failure: nullable(Failure),
    }),
  ),
  ipRanges: Type.Array(Text, { maxItems: 100 }),
  counters: Type.Optional(Counters),
  /** The last time that the platform could not be reached, and why. */
  outage: Type.Optional(nullable(Outage)),
  /** Updates: known, fetched and refused ones, with the reason. */
  content: Type.Optional(Type.Array(ContentItem, { maxItems: 500 })),
  /** The last support bundle for the platform, and its state. */
  bundle: Type.Optional(
    Type.Object({
      state: Type.Union([Type.Literal("sending"), Type.Literal("sent"), Type.Literal("failed")]),
      at: Instant,
      failure: nullable(Failure),
    }),
  ),
  /** When the signed list of updates was last read as a whole, and the failure since then. */
  contentCheck: Type.Optional(Type.Object({ at: nullable(Instant), failure: nullable(Failure) })),
});
export type AgentStatus = Static<typeof AgentStatus>;

/** `router`: made from a router's advertisement (RFC 4862). */
export const addressOrigins = ["dhcp", "dhcpv6", "router", "static"] as const;

const CardRole = Type.Union([Type.Literal("lan"), Type.Literal("wan")]);

/** A network interface as it is now. */
export const InterfaceStatus = Type.Object({
  name: Type.String({ maxLength: 15 }),
  role: nullable(CardRole),
  macAddress: Type.String({ maxLength: 60 }),
  linkUp: Type.Boolean(),
  /** networkd's state: configured, configuring, failed, unmanaged, ... */
  state: Text,
  /** With prefix length. */
  addresses: Type.Array(Text, { maxItems: 32 }),
  /** Where each of `addresses` is from, in their order. */
  origins: Type.Array(Type.Union(addressOrigins.map((origin) => Type.Literal(origin))), {
    maxItems: 32,
  }),
  /**
   * The default gateways, those of IPv4 first. A link-local one has its zone, as fe80::1%eth0; so
   * have DNS servers.
   */
  gateways: Type.Array(Text, { maxItems: 64 }),
  /** The first of `gateways`, without a zone. */
  gateway: nullable(Text),
  dns: Type.Array(Text, { maxItems: 32 }),
  /** Time servers from DHCP. */
  timeServers: Type.Array(Text, { maxItems: 32 }),
  /** Whether an IPv4 address came by DHCP. */
  dhcp: Type.Boolean(),
  /** As 0000:00:03.0; null for a device that is not on a PCI bus. */
  pciAddress: nullable(Type.String({ maxLength: 30 })),
  driver: nullable(Type.String({ maxLength: 60 })),
  speedMbps: nullable(Type.Integer({ minimum: 0 })),
  /** The roles that it may take where the settings name no card; any role when absent. */
  mayTake: Type.Optional(Type.Array(CardRole, { maxItems: 2 })),
  /** The MAC address of the card whose place it took, which the settings may still name. */
  standsFor: Type.Optional(nullable(Type.String({ maxLength: 60 }))),
});
export type InterfaceStatus = Static<typeof InterfaceStatus>;

export const GuardCount = Type.Object({
  packets: Type.Integer({ minimum: 0 }),
  bytes: Type.Integer({ minimum: 0 }),
  /** How many of the packets the kernel itself made: answers and errors. */
  kernelPackets: Type.Integer({ minimum: 0 }),
});

/**
 * One changed setting, for the review: old and new value as text. Secrets appear as "set" or "not
 * set". `given` is the value behind a `before` that only says that the network gives it.
 */
export const SettingChange = Type.Object({
  field: Text,
  before: Text,
  given: Type.Optional(Text),
  after: Text,
});
export type SettingChange = Static<typeof SettingChange>;

export const Trial = Type.Object({
  id: Type.String({ maxLength: 36 }),
  by: ChangeOrigin,
  /** When it reverts, by the appliance's clock. */
  deadlineAt: Instant,
  remainingMs: Type.Integer({ minimum: 0 }),
  phase: Type.Union([Type.Literal("applying"), Type.Literal("checking"), Type.Literal("waiting")]),
  changes: Type.Array(SettingChange, { maxItems: 100 }),
  checksBefore: Type.Array(CheckResult, { maxItems: 100 }),
  checks: Type.Array(CheckResult, { maxItems: 100 }),
  /**
   * "revert" when a check fails now that was good before; "not-yet" when nothing was lost and a
   * check fails all the same; null while the checks run, or when they could not be made.
   */
  advice: Type.Union([
    Type.Literal("keep"),
    Type.Literal("revert"),
    Type.Literal("not-yet"),
    Type.Null(),
  ]),
});
export type Trial = Static<typeof Trial>;

/** How the last trial ended. A console that was disconnected meanwhile shows it too. */
export const TrialEnd = Type.Object({
  id: Type.String({ maxLength: 36 }),
  by: ChangeOrigin,
  at: Instant,
  end: Type.Union([
    Type.Literal("kept"),
    Type.Literal("reverted"),
    Type.Literal("timed-out"),
    Type.Literal("failed"),
  ]),
  detail: Text,
  facts: Type.Optional(Facts),
});
export type TrialEnd = Static<typeof TrialEnd>;

/** The status document. The console long-polls it by revision. */
export const Status = Type.Object({
  revision: Type.Integer({ minimum: 0 }),
  /** The appliance's clock when this was made; countdowns are relative to it. */
  now: Instant,
  /** The described machine's name in a simulated run; every screen shows it. */
  simulated: nullable(Text),
  software: Type.Object({ version: Text }),
  hostname: Text,
  clock: Type.Object({ synchronized: Type.Boolean() }),
  /** The active settings: the trial's while one runs. */
  settings: Settings,
  secrets: Type.Object({
    proxyPassword: Type.Boolean(),
    activationCode: Type.Boolean(),
    consolePin: Type.Optional(Type.Boolean()),
  }),
  /** The source of the saved settings: the file, its last good copy, or defaults. */
  settingsSource: Type.Union([
    Type.Literal("file"),
    Type.Literal("last-good"),
    Type.Literal("defaults"),
  ]),
  settingsFailure: nullable(Failure),
  /** The report of the last reading of zero-touch settings. */
  zeroTouch: ZeroTouchReport,
  interfaces: Type.Array(InterfaceStatus, { maxItems: 32 }),
  /** Problems with cards and networks, by error code. */
  networkReports: Type.Array(NetworkReport, { maxItems: 50 }),
  /** Packets that the guards of split mode stopped since they were set; null without guards. */
  guards: nullable(Type.Object({ lan: GuardCount, wan: GuardCount })),
  trial: nullable(Trial),
  lastTrial: nullable(TrialEnd),
  agent: nullable(AgentStatus),
  /** systemd's ActiveState of the agent's unit: active, activating, failed, ... */
  agentUnit: Text,
  host: nullable(HealthFigures),
});
export type Status = Static<typeof Status>;
