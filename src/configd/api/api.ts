import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Fact, Facts } from "../../base/messages/fact-schema.ts";
import { CheckResult } from "../../protocol/schemas/check-result.ts";
import { CallerOrigin, ChangeOrigin } from "../../settings/model/origin.ts";
import { Network, ProxySettings, Settings } from "../../settings/model/schema.ts";
import { ZeroTouchReport } from "../../settings/zero-touch/report.ts";
import { EgressContact, EgressFile } from "./egress.ts";
import { type Route, routes } from "./routes.ts";
import { AgentStatus, SettingChange, Status, Trial } from "./status.ts";
import { logSources, pathTools, volumeId, volumePath } from "./tool-names.ts";

/**
 * configd's verbs, declared once: server, clients and the fake of the dry run are built from this
 * table. The two sockets are told apart by file permissions; a verb answers only on those that it
 * names.
 */
export interface Verb<Request extends TSchema = TSchema, Reply extends TSchema = TSchema>
  extends Route {
  /** Body of a POST, query of a GET. */
  request: Request;
  reply: Reply;
}

const verb = <Request extends TSchema, Reply extends TSchema>(declaration: Verb<Request, Reply>) =>
  declaration;

const Empty = Type.Object({}, { additionalProperties: false });
const Id = Type.String({ pattern: "^[0-9a-f-]{1,36}$" });
const closed = { additionalProperties: false } as const;

const SealedName = Type.Union([Type.Literal("device-key"), Type.Literal("spool-key")]);
const Base64 = Type.String({ pattern: "^[A-Za-z0-9+/]*={0,2}$", maxLength: 20_000 });

const ProxyPassword = Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()]));
/** Who asks; the console on a terminal that it does not know when absent. */
const By = Type.Optional(CallerOrigin);

const Cursor = Type.String({ pattern: "^[A-Za-z0-9=;]{1,300}$" });
const VolumeId = Type.String({ pattern: volumeId.source });
const Pin = Type.String({ maxLength: 60 });
const VolumeFacts = Type.Object({
  id: VolumeId,
  label: Type.String(),
  fileSystem: Type.String(),
  sizeBytes: Type.Number({ minimum: 0 }),
  writable: Type.Boolean(),
});

/** A wish for new settings. A secret that is absent stays as it is; null removes it. */
export const ProposedChange = Type.Object(
  { settings: Settings, proxyPassword: ProxyPassword, by: By },
  closed,
);
export type ProposedChange = Static<typeof ProposedChange>;

export const FieldProblemReport = Type.Object({
  field: Type.String(),
  code: Type.String(),
  values: Type.Optional(Type.Record(Type.String(), Type.String())),
  reason: Type.Optional(Fact),
});

/**
 * What the platform may ask for: the way to it, and the time. Parts that are absent stay as they
 * are.
 */
export const RemoteChange = Type.Object(
  {
    jobId: Id,
    why: Type.String({ maxLength: 300 }),
    network: Type.Optional(Network),
    proxy: Type.Optional(ProxySettings),
    time: Type.Optional(Settings.properties.time),
    /** Only when the platform moves; like the password, never touched unless given. */
    platformUrl: Type.Optional(Type.String({ maxLength: 300 })),
    proxyPassword: ProxyPassword,
  },
  closed,
);
export type RemoteChange = Static<typeof RemoteChange>;

/** Settings that were kept once. */
export const KeptConfiguration = Type.Object({
  /** Grows by one with each; `restore` takes it. */
  number: Type.Integer({ minimum: 1 }),
  keptAt: Type.Integer({ minimum: 0 }),
  by: ChangeOrigin,
  /** What it changed, compared with the one before it. */
  changes: Type.Array(SettingChange, { maxItems: 100 }),
  settings: Settings,
});
export type KeptConfiguration = Static<typeof KeptConfiguration>;

/** What a change would do, without doing it. */
export const Review = Type.Object({
  problems: Type.Array(FieldProblemReport),
  changes: Type.Array(SettingChange),
  /** The netplan YAML that would be written. */
  netplan: Type.String(),
  /** True when it touches the path to the platform, so that it must be tried before it is kept. */
  needsTrial: Type.Boolean(),
});
export type Review = Static<typeof Review>;

export const verbs = {
  /** Answers at once when the revision is not `after`, else when it changes or after 25 s. */
  status: verb({
    ...routes.status,
    request: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }, closed),
    reply: Status,
  }),
  review: verb({ ...routes.review, request: ProposedChange, reply: Review }),
  /**
   * Starts a trial: checks, arms the reverter, applies. Answers when it is applied; the checks then
   * go on.
   */
  try: verb({ ...routes.try, request: ProposedChange, reply: Trial }),
  keep: verb({ ...routes.keep, request: Type.Object({ id: Id }, closed), reply: Empty }),
  revert: verb({ ...routes.revert, request: Type.Object({ id: Id }, closed), reply: Empty }),
  /** Gives the trial another 120 s from now. */
  extend: verb({ ...routes.extend, request: Type.Object({ id: Id }, closed), reply: Empty }),
  /** The present kept settings and the ten before them, newest first. */
  history: verb({
    ...routes.history,
    request: Empty,
    reply: Type.Object({ entries: Type.Array(KeptConfiguration, { maxItems: 20 }) }),
  }),
  /** Tries settings that were kept before, as `try` does. Secrets stay as they are now. */
  restore: verb({
    ...routes.restore,
    request: Type.Object({ number: Type.Integer({ minimum: 1 }), by: By }, closed),
    reply: Trial,
  }),
  /**
   * Tries what the platform asked for; asked again for the same job, it gives the same trial.
   * `confirmRemote` keeps it.
   */
  tryRemote: verb({ ...routes.tryRemote, request: RemoteChange, reply: Trial }),
  /** The agent has called home over the settings that this job brought: they are kept. */
  confirmRemote: verb({
    ...routes.confirmRemote,
    request: Type.Object({ jobId: Id }, closed),
    reply: Empty,
  }),
  /**
   * Ends a trial and takes the network back to one interface with DHCP, at once; platform, identity
   * and proxy stay.
   */
  recoverNetwork: verb({
    ...routes.recoverNetwork,
    request: Type.Object({ by: By }, closed),
    reply: Type.Object({ changes: Type.Array(SettingChange) }),
  }),
  /**
   * Removes settings, secrets, identity and results, then restarts. `confirmation` is the
   * appliance's host name, typed.
   */
  factoryReset: verb({
    ...routes.factoryReset,
    request: Type.Object({ confirmation: Type.String({ maxLength: 63 }), by: By }, closed),
    reply: Empty,
  }),
  /** Asks the DHCP server of an interface for its lease anew. */
  renew: verb({
    ...routes.renew,
    request: Type.Object({ role: Type.Union([Type.Literal("lan"), Type.Literal("wan")]) }, closed),
    reply: Empty,
  }),
  /** Reads what hypervisor and volumes offer once more, and tries it if it changes anything. */
  readZeroTouch: verb({
    ...routes.readZeroTouch,
    request: Type.Object({ by: By }, closed),
    reply: Type.Object({ zeroTouch: ZeroTouchReport, trial: Type.Union([Trial, Type.Null()]) }),
  }),
  /**
   * Platform address and activation code: kept at once, then the agent is started anew and enrols.
   */
  enrol: verb({
    ...routes.enrol,
    request: Type.Object(
      { url: Type.String({ maxLength: 300 }), code: Type.String({ maxLength: 60 }), by: By },
      closed,
    ),
    reply: Empty,
  }),
  /** The agent has its certificate: the activation code is removed. */
  enrolled: verb({ ...routes.enrolled, request: Empty, reply: Empty }),
  callNow: verb({ ...routes.callNow, request: Empty, reply: Empty }),
  /**
   * What people at the console want of the agent, which asks for it when it is called. Each is
   * given out once; scans to be stopped until the agent asks with them among those it has `ended`.
   */
  wishes: verb({
    ...routes.wishes,
    request: Type.Object({ ended: Type.Array(Id, { maxItems: 100 }) }, closed),
    reply: Type.Object({
      updates: Type.Boolean(),
      supportBundle: Type.Boolean(),
      stopScans: Type.Array(Id, { maxItems: 100 }),
    }),
  }),
  agentStatus: verb({ ...routes.agentStatus, request: AgentStatus, reply: Empty }),
  /** The journal, the newest entries or those after a cursor, oldest first. */
  logs: verb({
    ...routes.logs,
    request: Type.Object(
      {
        source: Type.Union(logSources.map((name) => Type.Literal(name))),
        after: Type.Optional(Cursor),
        lines: Type.Integer({ minimum: 1, maximum: 1000 }),
      },
      closed,
    ),
    reply: Type.Object({
      entries: Type.Array(
        Type.Object({
          cursor: Cursor,
          at: Type.Number({ minimum: 0 }),
          priority: Type.Integer({ minimum: 0, maximum: 7 }),
          from: Type.String(),
          text: Type.String(),
        }),
        { maxItems: 1000 },
      ),
    }),
  }),
  /** Ping, DNS look-up or trace through one role's interface: what the program said. */
  tryPath: verb({
    ...routes.tryPath,
    request: Type.Object(
      {
        tool: Type.Union(pathTools.map((name) => Type.Literal(name))),
        role: Type.Union([Type.Literal("lan"), Type.Literal("wan")]),
        /** Not an option, whatever program it is given to. */
        target: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$" }),
      },
      closed,
    ),
    reply: Type.Object({ lines: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 100 }) }),
  }),
  /** USB sticks, discs and images that are there now. */
  volumes: verb({
    ...routes.volumes,
    request: Empty,
    reply: Type.Object({ volumes: Type.Array(VolumeFacts, { maxItems: 20 }) }),
  }),
  certificateFiles: verb({
    ...routes.certificateFiles,
    request: Type.Object({ volume: VolumeId }, closed),
    reply: Type.Object({ files: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }) }),
  }),
  readVolume: verb({
    ...routes.readVolume,
    request: Type.Object(
      { volume: VolumeId, file: Type.String({ pattern: volumePath.source }) },
      closed,
    ),
    reply: Type.Object({ text: Type.String() }),
  }),
  /** Writes the support bundle to a volume. */
  supportBundle: verb({
    ...routes.supportBundle,
    request: Type.Object({ volume: VolumeId }, closed),
    reply: Type.Object({ file: Type.String(), bytes: Type.Integer({ minimum: 0 }) }),
  }),
  /**
   * The agent makes a support bundle and uploads it to the platform; its status tells how that
   * goes.
   */
  sendSupportBundle: verb({ ...routes.sendSupportBundle, request: Empty, reply: Empty }),
  /** The agent reads the platform's list of updates anew, also where there is no news. */
  checkUpdates: verb({ ...routes.checkUpdates, request: Empty, reply: Empty }),
  /** Whether this opens the locked console. After three wrong ones each must wait longer. */
  unlock: verb({
    ...routes.unlock,
    request: Type.Object({ pin: Pin }, closed),
    reply: Type.Object({ unlocked: Type.Boolean(), retryAfterMs: Type.Integer({ minimum: 0 }) }),
  }),
  /**
   * Layout of the keyboard at the machine's own screen: kept at once, and loaded. No way in or out
   * depends on it, so nothing is tried first.
   */
  setKeyboard: verb({
    ...routes.setKeyboard,
    request: Type.Object({ layout: Type.String({ maxLength: 30 }), by: By }, closed),
    reply: Empty,
  }),
  /** Sets, changes or (null) removes the console's PIN. `current` is the one there is. */
  setPin: verb({
    ...routes.setPin,
    request: Type.Object(
      {
        current: Type.Union([Pin, Type.Null()]),
        pin: Type.Union([Type.String({ minLength: 4, maxLength: 60 }), Type.Null()]),
      },
      closed,
    ),
    reply: Empty,
  }),
  /** Somebody at the console wants a scan to end: what was found until then is delivered. */
  stopScan: verb({ ...routes.stopScan, request: Type.Object({ jobId: Id }, closed), reply: Empty }),
  power: verb({
    ...routes.power,
    request: Type.Object(
      { action: Type.Union([Type.Literal("reboot"), Type.Literal("poweroff")]) },
      closed,
    ),
    reply: Empty,
  }),
  /**
   * Runs the path checks over the active settings; with `only`, those of one check ("dns") or one id
   * ("service:health").
   */
  doctor: verb({
    ...routes.doctor,
    request: Type.Object(
      { only: Type.Optional(Type.String({ pattern: "^[a-z0-9.:-]{1,100}$" })) },
      closed,
    ),
    reply: Type.Object({ results: Type.Array(CheckResult) }),
  }),
  /** Starts outrider-scan@JOB-SHARD, or leaves it running. The plan file must be there. */
  startShard: verb({
    ...routes.startShard,
    request: Type.Object(
      { jobId: Id, shard: Type.Integer({ minimum: 0, maximum: 999_999 }) },
      closed,
    ),
    reply: Empty,
  }),
  /** Stops every shard of a job. */
  stopJob: verb({ ...routes.stopJob, request: Type.Object({ jobId: Id }, closed), reply: Empty }),
  /**
   * Which shards of a job are running now, and how each that ended did end (systemd's `Result=`).
   */
  shards: verb({
    ...routes.shards,
    request: Type.Object({ jobId: Id }, closed),
    reply: Type.Object({
      running: Type.Array(Type.Integer({ minimum: 0 })),
      failed: Type.Array(Type.Integer({ minimum: 0 })),
    }),
  }),
  /** Encrypts a key of the agent for this machine. */
  seal: verb({
    ...routes.seal,
    request: Type.Object({ name: SealedName, secret: Base64 }, closed),
    reply: Type.Object({ sealed: Base64 }),
  }),
  unseal: verb({
    ...routes.unseal,
    request: Type.Object({ name: SealedName, sealed: Base64 }, closed),
    reply: Type.Object({ secret: Base64 }),
  }),
  /** The last lines that the appliance's own processes wrote to the journal. */
  journal: verb({
    ...routes.journal,
    request: Type.Object({ lines: Type.Integer({ minimum: 1, maximum: 5000 }) }, closed),
    reply: Type.Object({ text: Type.String() }),
  }),
  /** What the agent has contacted since its last report. */
  egressSeen: verb({
    ...routes.egressSeen,
    request: Type.Object({ contacts: Type.Array(EgressContact, { maxItems: 200 }) }, closed),
    reply: Empty,
  }),
  /** The egress ledger, newest first. */
  egress: verb({ ...routes.egress, request: Empty, reply: EgressFile }),
  /** The platform gives this appliance up: as a factory reset, then a restart. */
  decommission: verb({
    ...routes.decommission,
    request: Type.Object({ jobId: Id }, closed),
    reply: Empty,
  }),
} as const;

export type VerbName = keyof typeof verbs;
export type VerbRequest<Name extends VerbName> = Static<(typeof verbs)[Name]["request"]>;
export type VerbReply<Name extends VerbName> = Static<(typeof verbs)[Name]["reply"]>;

/**
 * An error of configd's API: HTTP status 4xx or 5xx with this body. `problems` when the settings
 * are not valid.
 */
export const ApiFailure = Type.Object({
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  facts: Type.Optional(Facts),
  problems: Type.Optional(Type.Array(FieldProblemReport)),
});
export type ApiFailure = Static<typeof ApiFailure>;

/**
 * What a caller of configd depends on: the real client, and the fake of the dry run, are both this.
 */
export interface ConfigdClient {
  call<Name extends VerbName>(
    name: Name,
    request: VerbRequest<Name>,
    signal?: AbortSignal,
  ): Promise<VerbReply<Name>>;
}
