import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { CheckResult } from "../../protocol/schemas/check-result.ts";
import { NetworkReport } from "../../protocol/schemas/health.ts";
import { ZeroTouchReport } from "../../settings/zero-touch/report.ts";
import { EgressContact, EgressFile } from "./egress.ts";
import type { VerbName } from "./routes.ts";
import { By, Id, KeptConfiguration, ProposedChange, RemoteChange, Review } from "./shapes.ts";
import { AgentStatus, SettingChange, Status, Trial } from "./status.ts";
import { logSources, volumeId, volumePath } from "./tool-names.ts";
import { CaptureName, ToolAnswer, ToolRequest } from "./tool-shapes.ts";

const Empty = Type.Object({}, { additionalProperties: false });
const closed = { additionalProperties: false } as const;

const SealedName = Type.Union([Type.Literal("device-key"), Type.Literal("spool-key")]);
const Base64 = Type.String({ pattern: "^[A-Za-z0-9+/]*={0,2}$", maxLength: 20_000 });

const Cursor = Type.String({ pattern: "^[A-Za-z0-9=;]{1,300}$" });
const VolumeId = Type.String({ pattern: volumeId.source });
const Only = Type.Optional(Type.String({ pattern: "^[a-z0-9.:%_-]{1,100}$" }));
const Pin = Type.String({ maxLength: 60 });
const VolumeFacts = Type.Object({
  id: VolumeId,
  label: Type.String(),
  fileSystem: Type.String(),
  sizeBytes: Type.Number({ minimum: 0 }),
  writable: Type.Boolean(),
});

interface Verb {
  /** Body of a POST, query of a GET. */
  request: TSchema;
  reply: TSchema;
}

/**
 * configd's verbs. Validators, server, clients and the fake of the dry run follow from this table;
 * `routes.ts` has method, path and sockets of each, `verbs/` the handlers.
 */
export const verbs = {
  /** Replies at once when the revision is not `after`, else when it changes or after 25 s. */
  status: {
    request: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }, closed),
    reply: Status,
  },
  review: { request: ProposedChange, reply: Review },
  /**
   * Starts a trial: checks, arms the reverter, applies. Replies when the settings are applied; the
   * checks then go on.
   */
  try: { request: ProposedChange, reply: Trial },
  keep: { request: Type.Object({ id: Id }, closed), reply: Empty },
  revert: { request: Type.Object({ id: Id }, closed), reply: Empty },
  /** Gives the trial another 120 s from now. */
  extend: { request: Type.Object({ id: Id }, closed), reply: Empty },
  /** The saved settings and the ten before them, newest first. */
  history: {
    request: Empty,
    reply: Type.Object({ entries: Type.Array(KeptConfiguration, { maxItems: 20 }) }),
  },
  /** Tries settings from the history, as `try` does. Secrets stay as they are now. */
  restore: {
    request: Type.Object({ number: Type.Integer({ minimum: 1 }), by: By }, closed),
    reply: Trial,
  },
  /**
   * Tries a change that the platform asked for. Called again for the same job, it returns the same
   * trial. `confirmRemote` keeps it.
   */
  tryRemote: { request: RemoteChange, reply: Trial },
  /** The agent has called home over the settings that this job brought: keep them. */
  confirmRemote: {
    request: Type.Object({ jobId: Id }, closed),
    reply: Empty,
  },
  /**
   * Ends a trial and takes the network back to one interface with DHCP, at once; platform, identity
   * and proxy stay.
   */
  recoverNetwork: {
    request: Type.Object({ by: By }, closed),
    reply: Type.Object({ changes: Type.Array(SettingChange) }),
  },
  /**
   * Removes settings, secrets, identity and results, then restarts. `confirmation` is the
   * appliance's host name, typed.
   */
  factoryReset: {
    request: Type.Object({ confirmation: Type.String({ maxLength: 63 }), by: By }, closed),
    reply: Empty,
  },
  /** Renews the DHCP lease of an interface. */
  renew: {
    request: Type.Object({ role: Type.Union([Type.Literal("lan"), Type.Literal("wan")]) }, closed),
    reply: Empty,
  },
  /** Reads the zero-touch settings again, and tries them if they change anything. */
  readZeroTouch: {
    request: Type.Object({ by: By }, closed),
    reply: Type.Object({ zeroTouch: ZeroTouchReport, trial: Type.Union([Trial, Type.Null()]) }),
  },
  /** Saves platform address and activation code at once, then restarts the agent, which enrols. */
  /** Without `code`, with the one that is kept because it was not spent yet. */
  enrol: {
    request: Type.Object(
      {
        url: Type.String({ maxLength: 300 }),
        code: Type.Optional(Type.String({ maxLength: 60 })),
        by: By,
      },
      closed,
    ),
    reply: Empty,
  },
  /** Removes the activation code once the agent has its certificate. */
  enrolled: { request: Empty, reply: Empty },
  callNow: { request: Empty, reply: Empty },
  /**
   * The requests that operators made at the console. The agent fetches them when it is called.
   * Each is returned once; a scan to be stopped is returned until the agent reports it in `ended`.
   */
  consoleRequests: {
    request: Type.Object({ ended: Type.Array(Id, { maxItems: 100 }) }, closed),
    reply: Type.Object({
      updates: Type.Boolean(),
      supportBundle: Type.Boolean(),
      stopScans: Type.Array(Id, { maxItems: 100 }),
    }),
  },
  agentStatus: { request: AgentStatus, reply: Empty },
  /** Journal entries, the newest ones or those after a cursor; oldest first. */
  logs: {
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
  },
  /**
   * Runs one of the operator's tools by one role's interface. Only one runs at a time. It ends when
   * the caller hangs up.
   */
  runTool: { request: ToolRequest, reply: ToolAnswer },
  /** Has the running tool answer with what it has found until now. */
  stopTool: { request: Empty, reply: Empty },
  /** The packet captures that lie here for support bundles, oldest first, by their names. */
  captures: {
    request: Empty,
    reply: Type.Object({
      names: Type.Array(CaptureName, { maxItems: 10 }),
      /** What a reader has to know of them. */
      note: Type.String({ maxLength: 2000 }),
    }),
  },
  /** A packet capture, in base64. */
  capture: {
    request: Type.Object({ name: CaptureName }, closed),
    reply: Type.Object({ content: Type.String({ maxLength: 3_000_000 }) }),
  },
  /** USB sticks, discs and images that are attached now. */
  volumes: {
    request: Empty,
    reply: Type.Object({ volumes: Type.Array(VolumeFacts, { maxItems: 20 }) }),
  },
  certificateFiles: {
    request: Type.Object({ volume: VolumeId }, closed),
    reply: Type.Object({ files: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }) }),
  },
  readVolume: {
    request: Type.Object(
      { volume: VolumeId, file: Type.String({ pattern: volumePath.source }) },
      closed,
    ),
    reply: Type.Object({ text: Type.String() }),
  },
  /** Writes the support bundle to a volume. */
  supportBundle: {
    request: Type.Object({ volume: VolumeId }, closed),
    reply: Type.Object({ file: Type.String(), bytes: Type.Integer({ minimum: 0 }) }),
  },
  /** What a firewall must let through, as a text to hand over. */
  firewallText: { request: Empty, reply: Type.Object({ text: Type.String() }) },
  /** Writes that text to a volume. */
  saveFirewallText: {
    request: Type.Object({ volume: VolumeId }, closed),
    reply: Type.Object({ file: Type.String(), bytes: Type.Integer({ minimum: 0 }) }),
  },
  /**
   * Asks the agent to make a support bundle and upload it to the platform. The agent's status shows
   * the progress.
   */
  sendSupportBundle: { request: Empty, reply: Empty },
  /** Asks the agent to read the platform's list of updates again, even if it is not a new one. */
  checkUpdates: { request: Empty, reply: Empty },
  /** Checks the console's PIN. After three wrong PINs the wait before each further try grows. */
  unlock: {
    request: Type.Object({ pin: Pin }, closed),
    reply: Type.Object({ unlocked: Type.Boolean(), retryAfterMs: Type.Integer({ minimum: 0 }) }),
  },
  /**
   * Saves and loads the keyboard layout of the machine's own screen. No connection depends on it, so
   * it needs no trial.
   */
  setKeyboard: {
    request: Type.Object({ layout: Type.String({ maxLength: 30 }), by: By }, closed),
    reply: Empty,
  },
  /** Sets, changes or (null) removes the console's PIN. `current` is the PIN before. */
  setPin: {
    request: Type.Object(
      {
        current: Type.Union([Pin, Type.Null()]),
        pin: Type.Union([Type.String({ minLength: 4, maxLength: 60 }), Type.Null()]),
      },
      closed,
    ),
    reply: Empty,
  },
  /** Ends a scan at an operator's request. Results found until then are delivered. */
  stopScan: { request: Type.Object({ jobId: Id }, closed), reply: Empty },
  power: {
    request: Type.Object(
      { action: Type.Union([Type.Literal("reboot"), Type.Literal("poweroff")]) },
      closed,
    ),
    reply: Empty,
  },
  /**
   * Runs the doctor over the active settings; with `only`, one check ("dns") or one result id
   * ("service:health").
   */
  doctor: {
    request: Type.Object({ only: Only }, closed),
    reply: Type.Object({ results: Type.Array(CheckResult) }),
  },
  /**
   * Runs the doctor over settings that were typed and are not applied. Refused as `try` refuses
   * settings that are not valid; neither the settings nor the password are kept.
   */
  testTyped: {
    request: Type.Object({ change: ProposedChange, only: Only }, closed),
    reply: Type.Object({ results: Type.Array(CheckResult) }),
  },
  /** Starts outrider-scan@JOB-SHARD, or leaves it running. The plan file must be there. */
  startShard: {
    request: Type.Object(
      { jobId: Id, shard: Type.Integer({ minimum: 0, maximum: 999_999 }) },
      closed,
    ),
    reply: Empty,
  },
  /** Stops every shard of a job. */
  stopJob: { request: Type.Object({ jobId: Id }, closed), reply: Empty },
  /**
   * The shards of a job that are running now, and those whose unit failed (systemd's `Result=`).
   */
  shards: {
    request: Type.Object({ jobId: Id }, closed),
    reply: Type.Object({
      running: Type.Array(Type.Integer({ minimum: 0 })),
      failed: Type.Array(Type.Integer({ minimum: 0 })),
    }),
  },
  /** Encrypts a key of the agent for this machine. */
  seal: {
    request: Type.Object({ name: SealedName, secret: Base64 }, closed),
    reply: Type.Object({ sealed: Base64 }),
  },
  unseal: {
    request: Type.Object({ name: SealedName, sealed: Base64 }, closed),
    reply: Type.Object({ secret: Base64 }),
  },
  /** The last journal lines of the appliance's own processes. */
  journal: {
    request: Type.Object({ lines: Type.Integer({ minimum: 1, maximum: 5000 }) }, closed),
    reply: Type.Object({ text: Type.String() }),
  },
  /** Problems with cards and networks, for the heartbeat. It costs no look at the machine. */
  networkReports: {
    request: Empty,
    reply: Type.Object({ reports: Type.Array(NetworkReport, { maxItems: 50 }) }),
  },
  /** Records the destinations that the agent has contacted since its last report. */
  egressSeen: {
    request: Type.Object({ contacts: Type.Array(EgressContact, { maxItems: 200 }) }, closed),
    reply: Empty,
  },
  /** The egress ledger, newest first. */
  egress: { request: Empty, reply: EgressFile },
  /** Wipes the appliance at the platform's request: a factory reset, then a restart. */
  decommission: {
    request: Type.Object({ jobId: Id }, closed),
    reply: Empty,
  },
} as const satisfies Record<VerbName, Verb>;

export type { VerbName } from "./routes.ts";
export type VerbRequest<Name extends VerbName> = Static<(typeof verbs)[Name]["request"]>;
export type VerbReply<Name extends VerbName> = Static<(typeof verbs)[Name]["reply"]>;

/** The client side of configd's API: over the socket, or a test's fake. */
export interface ConfigdClient {
  /**
   * Throws the OutriderError that configd answered with, or "configd-unreachable"; rejects with the
   * signal's reason when it aborts.
   */
  call<Name extends VerbName>(
    name: Name,
    request: VerbRequest<Name>,
    signal?: AbortSignal,
  ): Promise<VerbReply<Name>>;
}
