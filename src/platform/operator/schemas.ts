import { type Static, Type } from "@sinclair/typebox";
import {
  Command,
  CommandResult,
  commandEnds,
  NetworkChange,
} from "../../protocol/schemas/commands.ts";
import {
  Directory,
  HttpsUrl,
  Instant,
  Sha256,
  ShortText,
  Uuid,
  Version,
} from "../../protocol/schemas/common.ts";
import { Heartbeat, Inventory, JobProgress, Outage } from "../../protocol/schemas/health.ts";
import { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import { Completion, HostObservation } from "../../protocol/schemas/results.ts";
import {
  Announcement,
  ContentKind,
  ContentName,
  ContentVersion,
} from "../../protocol/schemas/updates.ts";
import { intervalBounds } from "../services/configuration.ts";

/** The messages of the operator's API: all that the page shows and does, as JSON. */
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const ApiError = Type.Object({
  error: Type.Object({
    code: Type.String(),
    detail: Type.Optional(Type.String()),
    /** The problem of each wrong field of the request. */
    fields: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
});
export type ApiError = Static<typeof ApiError>;

export const NewActivationCode = Type.Object(
  {
    name: Type.Optional(ShortText),
    /** An appliance of the fleet that enrols again with this code; it keeps its id and history. */
    applianceId: Type.Optional(Uuid),
  },
  { additionalProperties: false },
);
export type NewActivationCode = Static<typeof NewActivationCode>;

const codeStates = ["waiting", "used", "expired"] as const;
const activationCode = {
  id: Type.String(),
  name: ShortText,
  state: Type.Union(codeStates.map((state) => Type.Literal(state))),
  createdAt: Instant,
  expiresAt: Instant,
  usedAt: orNull(Instant),
  applianceId: orNull(Uuid),
  /** The appliance that enrols again with this code and keeps its record. */
  forApplianceId: orNull(Uuid),
};
export const ActivationCodeView = Type.Object(activationCode);
export type ActivationCodeView = Static<typeof ActivationCodeView>;
export const ActivationCodesReply = Type.Object({
  activationCodes: Type.Array(ActivationCodeView),
});
/** Only this reply contains the code itself. */
export const CreatedActivationCode = Type.Object({
  ...activationCode,
  code: Type.String(),
  platformUrl: HttpsUrl,
});
export type CreatedActivationCode = Static<typeof CreatedActivationCode>;

/** never: enrolled, and has not called since; silent: has not called for two intervals. */
const applianceStates = ["online", "silent", "never", "revoked"] as const;
const appliance = {
  id: Uuid,
  name: ShortText,
  hostname: ShortText,
  state: Type.Union(applianceStates.map((state) => Type.Literal(state))),
  softwareVersion: Version,
  enrolledAt: Instant,
  revokedAt: orNull(Instant),
  lastContactAt: orNull(Instant),
  heartbeatAt: orNull(Instant),
  /**
   * When the platform last noticed that the appliance was set back to an earlier state, as from a
   * snapshot or a backup.
   */
  restoredAt: orNull(Instant),
  /** The address that the last request came from; a proxy's or router's if it came through one. */
  seenFrom: orNull(Type.String()),
  /** The appliance's own addresses, with prefix length. */
  addresses: Type.Array(Type.String()),
  /** The start of the machine that counts as this appliance. */
  bootId: orNull(Uuid),
};
export const ApplianceSummary = Type.Object(appliance);
export type ApplianceSummary = Static<typeof ApplianceSummary>;
export const AppliancesReply = Type.Object({
  appliances: Type.Array(ApplianceSummary),
  total: Type.Integer(),
});
export const ApplianceView = Type.Object({
  ...appliance,
  heartbeat: orNull(Heartbeat),
  inventory: orNull(Inventory),
});
export type ApplianceView = Static<typeof ApplianceView>;

export const MachineView = Type.Object({
  bootId: Uuid,
  machine: orNull(Sha256),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  seenFrom: orNull(Type.String()),
  addresses: Type.String(),
  /** This start counts as the appliance; others are copies or earlier starts. */
  present: Type.Boolean(),
  /** It is a copy and gets no work. */
  refused: Type.Boolean(),
});
export type MachineView = Static<typeof MachineView>;
export const MachinesReply = Type.Object({ machines: Type.Array(MachineView) });

/** When an appliance could not call home, and what its doctor found then. */
export const OutageView = Type.Composite([
  Outage,
  Type.Object({
    /** When the appliance told it. */
    endedAt: Instant,
  }),
]);
export type OutageView = Static<typeof OutageView>;
export const OutagesReply = Type.Object({ outages: Type.Array(OutageView) });

export const NewCommand = Type.Object(
  { kind: Command.properties.kind, network: Command.properties.network },
  { additionalProperties: false },
);
export type NewCommand = Static<typeof NewCommand>;

/** unanswered: the appliance fetched it and sent no result. */
const commandStates = ["waiting", "given-out", ...commandEnds, "unanswered"] as const;
export type CommandState = (typeof commandStates)[number];
export const CommandView = Type.Object({
  id: Uuid,
  applianceId: Uuid,
  kind: Command.properties.kind,
  network: orNull(NetworkChange),
  state: Type.Union(commandStates.map((state) => Type.Literal(state))),
  createdAt: Instant,
  expiresAt: Instant,
  givenAt: orNull(Instant),
  endedAt: orNull(Instant),
  result: orNull(CommandResult),
});
export type CommandView = Static<typeof CommandView>;
export const CommandsReply = Type.Object({ commands: Type.Array(CommandView) });

/** Selects a part of a long list. */
export const PageQuery = Type.Object({
  offset: Type.Optional(Type.String({ pattern: "^\\d{1,9}$" })),
  limit: Type.Optional(Type.String({ pattern: "^[1-9]\\d{0,3}$" })),
});
export type PageQuery = Static<typeof PageQuery>;

export const NewScan = Type.Object(
  { applianceId: Uuid, ...ScanSpecification.properties },
  { additionalProperties: false },
);
export type NewScan = Static<typeof NewScan>;

export const scanStates = [
  "waiting",
  "given-out",
  "running",
  "stopping",
  "completed",
  "incomplete",
  "failed",
  "stopped",
] as const;
export type ScanState = (typeof scanStates)[number];
export const ScanView = Type.Object({
  id: Uuid,
  applianceId: Uuid,
  applianceName: ShortText,
  ...ScanSpecification.properties,
  state: Type.Union(scanStates.map((state) => Type.Literal(state))),
  attempt: Type.Integer(),
  percent: Type.Number(),
  progress: orNull(JobProgress),
  /** Addresses to scan: targets without exclusions. */
  addressCount: Type.Integer(),
  hostCount: Type.Integer(),
  openPortCount: Type.Integer(),
  createdAt: Instant,
  givenAt: orNull(Instant),
  acknowledgedAt: orNull(Instant),
  leaseUntil: orNull(Instant),
  endedAt: orNull(Instant),
  completion: orNull(Completion),
});
export type ScanView = Static<typeof ScanView>;
export const ScansReply = Type.Object({ scans: Type.Array(ScanView), total: Type.Integer() });
export const ScanResultsReply = Type.Object({
  hosts: Type.Array(HostObservation),
  total: Type.Integer(),
});

export const SettingsView = Type.Object(
  { intervalSeconds: Type.Integer(intervalBounds) },
  { additionalProperties: false },
);
export type SettingsView = Static<typeof SettingsView>;

export const AboutView = Type.Object({
  platformName: ShortText,
  platformUrl: HttpsUrl,
  directory: Directory,
  certificateAuthority: Type.Object({
    /** In PEM; also the one that will be used next. */
    certificate: Type.String(),
    fingerprint: Type.String(),
  }),
  versions: Type.Object({ platform: Version, node: Version }),
  notices: Type.Array(Type.String()),
});
export type AboutView = Static<typeof AboutView>;

export const ContentView = Type.Object({
  ...Announcement.properties,
  sha256: Sha256,
  sequence: Type.Integer(),
  /** It is the newest of its name, the version that appliances fetch. */
  newest: Type.Boolean(),
});
export type ContentView = Static<typeof ContentView>;
const ContentRole = Type.Union([
  Type.Literal("root"),
  Type.Literal("targets"),
  Type.Literal("snapshot"),
  Type.Literal("timestamp"),
]);
export const ContentReply = Type.Object({
  version: Type.Integer(),
  content: Type.Array(ContentView),
  keys: Type.Array(
    Type.Object({
      role: ContentRole,
      keyId: Type.String(),
      keyHere: Type.Boolean(),
      version: Type.Integer(),
      expiresAt: Instant,
      /** The platform renews the signature from then on, if the key is here. */
      renewsAt: Instant,
      /** Roles whose private keys have to be put back before this key can be replaced. */
      missing: Type.Array(ContentRole),
    }),
  ),
});
export type ContentReply = Static<typeof ContentReply>;
export const NewContent = Type.Object(
  {
    kind: ContentKind,
    name: ContentName,
    version: ContentVersion,
    summary: Type.Optional(ShortText),
  },
  { additionalProperties: false },
);
export type NewContent = Static<typeof NewContent>;
export const ContentPath = Type.Object({
  kind: ContentKind,
  name: ContentName,
  version: ContentVersion,
});
export type ContentPath = Static<typeof ContentPath>;
export const RolePath = Type.Object({ role: ContentRole });
export type RolePath = Static<typeof RolePath>;

export const KeyQuery = Type.Object({ key: Type.Optional(Sha256) });
export type KeyQuery = Static<typeof KeyQuery>;

/** One action of an operator. */
export const DeedView = Type.Object({
  number: Type.Integer(),
  at: Instant,
  by: Type.String(),
  from: Type.String(),
  what: Type.Union([
    Type.Literal("content-published"),
    Type.Literal("content-withdrawn"),
    Type.Literal("content-key-replaced"),
    Type.Literal("platform-key-rolled"),
    Type.Literal("platform-key-replaced"),
    /** Written by another version of the platform. */
    Type.Literal("unknown"),
  ]),
  subject: Type.String(),
  /**
   * "done" or an error's code. Null while the act runs, and for ever if the platform ended before
   * the act did.
   */
  outcome: orNull(Type.String()),
  detail: Type.String(),
});
export type DeedView = Static<typeof DeedView>;
export const JournalReply = Type.Object({ deeds: Type.Array(DeedView), total: Type.Integer() });

export const IdPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
export type IdPath = Static<typeof IdPath>;
