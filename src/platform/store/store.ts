import type {
  CommandEnd,
  CommandKind,
  CommandResult,
  NetworkChange,
} from "../../protocol/schemas/commands.ts";
import type { Heartbeat, Inventory, JobProgress } from "../../protocol/schemas/health.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import type { Completion, HostObservation } from "../../protocol/schemas/results.ts";

/**
 * All that the platform remembers. Every method that changes something is one transaction, and what
 * it changed is on the disk when its promise is kept: an acknowledgement may follow at once.
 */
export interface Store {
  settings: SettingsStore;
  codes: CodeStore;
  appliances: ApplianceStore;
  jobs: JobStore;
  commands: CommandStore;
  results: ResultStore;
  sessions: SessionStore;
  journal: JournalStore;
  close(): Promise<void>;
}

export interface SettingsStore {
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
}

export interface StoredCode {
  id: string;
  name: string;
  activationKey: Uint8Array;
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
  applianceId: string | null;
  /**
   * An appliance of the fleet that enrols anew with it: it keeps its id, its name and its history.
   */
  forApplianceId: string | null;
}

export interface NewAppliance {
  id: string;
  name: string;
  hostname: string;
  publicKey: string;
  certificate: string;
  softwareVersion: string;
}

export type Enrolment =
  | { kind: "enrolled"; applianceId: string; name: string; certificate: string }
  | { kind: "code-used" }
  | { kind: "code-expired" };

export interface CodeStore {
  /** False when there is a code with this id already. */
  add(code: StoredCode): Promise<boolean>;
  find(id: string): Promise<StoredCode | null>;
  /** Newest first. */
  list(): Promise<StoredCode[]>;
  /** Forgets codes that expired unused long ago. */
  prune(expiredBefore: number): Promise<void>;
  /**
   * Uses a code for an appliance. The same code with the same key gives the same appliance again,
   * however late; a key that is enrolled already keeps its appliance.
   */
  use(codeId: string, appliance: NewAppliance, now: number): Promise<Enrolment>;
}

export interface StoredAppliance {
  id: string;
  name: string;
  hostname: string;
  publicKey: string;
  certificate: string;
  softwareVersion: string;
  enrolledAt: number;
  revokedAt: number | null;
  lastContactAt: number | null;
  seenFrom: string | null;
  heartbeatAt: number | null;
  heartbeat: Heartbeat | null;
  inventory: Inventory | null;
  jobsVersion: number;
  bootId: string | null;
  /** When it was last seen to have been set back to an earlier state, as from a snapshot. */
  restoredAt: number | null;
}

/** One start of one machine that called under an appliance's identity. */
export interface StoredBoot {
  bootId: string;
  machine: string | null;
  firstSeenAt: number;
  lastSeenAt: number;
  seenFrom: string | null;
  addresses: string;
  /** It is a copy: another machine is this appliance. */
  refused: boolean;
}

export type Contact = "accepted" | "replayed" | "too-many" | "copy";

export interface PageOf {
  offset?: number | undefined;
  limit?: number | undefined;
}

export type HeartbeatResult =
  | { kind: "stored"; jobsVersion: number }
  | { kind: "copy"; news: boolean; original: string | null };

export interface ApplianceStore {
  find(id: string): Promise<StoredAppliance | null>;
  /** The key of an appliance, also of one that is revoked. */
  key(id: string): Promise<{ publicKey: string; revoked: boolean } | null>;
  /** By name. */
  list(page?: PageOf): Promise<StoredAppliance[]>;
  count(): Promise<number>;
  names(ids: readonly string[]): Promise<Map<string, string>>;
  /** Remembers a request's nonce until `expiresAt`, and that the appliance was heard. */
  contact(
    id: string,
    nonce: string,
    now: number,
    expiresAt: number,
    seenFrom: string | null,
    bootId: string | null,
  ): Promise<Contact>;
  /** Remembers the nonce of an enrolment. */
  useNonce(keyId: string, nonce: string, now: number, expiresAt: number): Promise<Contact>;
  /**
   * Stores a heartbeat, renews the leases of the jobs that it names, and gives the version of the
   * appliance's list of jobs.
   */
  heartbeat(
    id: string,
    heartbeat: Heartbeat,
    now: number,
    leaseMs: number,
    seenFrom: string | null,
  ): Promise<HeartbeatResult>;
  /** Newest first. */
  boots(id: string): Promise<StoredBoot[]>;
  /** What was taken for a copy may work again; who calls from now on is looked at anew. */
  forgetBoots(id: string): Promise<void>;
  renewCertificate(id: string, certificate: string): Promise<void>;
  inventory(id: string, inventory: Inventory): Promise<void>;
  /** Ends the appliance's jobs as well. False when it is unknown or was revoked before. */
  revoke(id: string, now: number): Promise<boolean>;
}

export interface StoredJob {
  id: string;
  applianceId: string;
  specification: ScanSpecification;
  addressCount: number;
  createdAt: number;
  attempt: number;
  givenAt: number | null;
  acknowledgedAt: number | null;
  leaseUntil: number | null;
  progress: JobProgress | null;
  stopRequestedAt: number | null;
  endedAt: number | null;
  endState: Completion["state"] | null;
  completion: Completion | null;
  completedAttempt: number | null;
}

export interface JobList {
  version: number;
  jobs: StoredJob[];
  /** Ids of jobs to stop. */
  stop: string[];
}

export type AcknowledgementResult =
  | { kind: "acknowledged"; leaseUntil: number }
  | { kind: "not-found" }
  | { kind: "attempt-outdated" };

export interface JobStore {
  add(
    job: {
      id: string;
      applianceId: string;
      specification: ScanSpecification;
      addressCount: number;
    },
    now: number,
  ): Promise<void>;
  find(id: string): Promise<StoredJob | null>;
  /** Newest first. */
  list(filter?: { applianceId?: string } & PageOf): Promise<StoredJob[]>;
  count(): Promise<number>;
  /**
   * An appliance's open jobs; those not given out yet are from now on, and those whose lease ran
   * out get a new attempt.
   */
  giveOut(applianceId: string, now: number, leaseMs: number): Promise<JobList>;
  acknowledge(
    applianceId: string,
    jobId: string,
    attempt: number,
    now: number,
    leaseMs: number,
  ): Promise<AcknowledgementResult>;
  /** False when the job is unknown or has ended. */
  requestStop(id: string, now: number, leaseMs: number): Promise<boolean>;
}

export interface StoredCommand {
  id: string;
  applianceId: string;
  kind: CommandKind;
  network: NetworkChange | null;
  createdAt: number;
  expiresAt: number;
  givenAt: number | null;
  endedAt: number | null;
  endState: CommandEnd | null;
  result: CommandResult | null;
}

export type CommandEnding =
  | { kind: "ended"; receivedAt: number; first: boolean }
  | { kind: "not-found" };

export interface CommandStore {
  add(
    command: Pick<StoredCommand, "id" | "applianceId" | "kind" | "network" | "expiresAt">,
    now: number,
  ): Promise<void>;
  find(id: string): Promise<StoredCommand | null>;
  /** Newest first. */
  list(applianceId: string, limit: number): Promise<StoredCommand[]>;
  /** An appliance's open commands, oldest first; those that nobody fetched in time are over. */
  giveOut(applianceId: string, now: number): Promise<StoredCommand[]>;
  /** The first result counts. */
  end(applianceId: string, id: string, result: CommandResult, now: number): Promise<CommandEnding>;
  /** SHA-256 of the part; null when this command takes none. */
  addBundlePart(
    applianceId: string,
    id: string,
    number: number,
    content: Uint8Array,
  ): Promise<string | null>;
  /** The whole bundle; null when it is not there whole. */
  bundle(id: string): Promise<Buffer | null>;
}

export interface StoredPart {
  number: number;
  sha256: string;
  receivedAt: number;
}

export interface NewPart {
  jobId: string;
  attempt: number;
  number: number;
  sha256: string;
  hosts: readonly HostObservation[];
}

export type PartResult =
  | { kind: "stored"; receivedAt: number }
  | { kind: "not-found" }
  | { kind: "conflict" };
export type CompletionResult =
  | { kind: "completed"; receivedAt: number }
  | { kind: "not-found" }
  | { kind: "parts-missing"; numbers: number[] }
  | { kind: "conflict" };

export interface ResultCounts {
  hosts: number;
  openPorts: number;
}

export interface ResultStore {
  /** Stores a part and renews the lease of its attempt: an upload is a sign of life. */
  addPart(applianceId: string, part: NewPart, now: number, leaseMs: number): Promise<PartResult>;
  /** Receipts from a number on, as many as one reply names. */
  parts(
    applianceId: string,
    jobId: string,
    attempt: number,
    from: number,
  ): Promise<{ parts: StoredPart[]; more: boolean; complete: boolean } | null>;
  complete(
    applianceId: string,
    jobId: string,
    attempt: number,
    completion: Completion,
    now: number,
  ): Promise<CompletionResult>;
  /** Hosts of the attempt that counts, in the order of their addresses. */
  hosts(jobId: string, page?: PageOf): Promise<HostObservation[]>;
  counts(jobIds: readonly string[]): Promise<Map<string, ResultCounts>>;
}

/** What an operator did that others must be able to ask about later. */
export interface StoredDeed {
  /** In the order in which they were begun. */
  number: number;
  at: number;
  by: string;
  /** The address that it was asked from. */
  from: string;
  what: string;
  subject: string;
  /**
   * "done" or an error's code; null while it is being done, and for ever when the platform ended
   * before it was.
   */
  outcome: string | null;
  detail: string;
}

export interface JournalStore {
  begin(deed: Pick<StoredDeed, "by" | "from" | "what" | "subject">, now: number): Promise<number>;
  end(number: number, outcome: string, detail: string): Promise<void>;
  /** Newest first. */
  list(page?: PageOf): Promise<StoredDeed[]>;
  count(): Promise<number>;
}

export interface SessionStore {
  add(tokenSha256: string, expiresAt: number, now: number): Promise<void>;
  isValid(tokenSha256: string, now: number): Promise<boolean>;
  remove(tokenSha256: string): Promise<void>;
}
