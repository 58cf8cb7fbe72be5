import type {
  CommandEnd,
  CommandKind,
  CommandResult,
  NetworkChange,
} from "../../protocol/schemas/commands.ts";
import type { JobProgress } from "../../protocol/schemas/health.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import type { Completion, HostObservation } from "../../protocol/schemas/results.ts";
import type { PageOf } from "./page.ts";

/** A lease as a contact begins or renews it now, in the time that leases are counted in. */
export interface Lease {
  nowMs: number;
  untilMs: number;
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
  /** When the appliance stored this attempt, by its own clock. */
  takenAt: number | null;
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

/** An attempt that an appliance says it has stored. */
export interface TakenJob {
  jobId: string;
  attempt: number;
  /** When, by its own clock: the same in each acknowledgement of one taking. */
  takenAt: number;
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
   * Returns an appliance's open jobs and marks them as given out. A job whose lease ran out gets a
   * new attempt.
   */
  giveOut(applianceId: string, now: number, lease: Lease): Promise<JobList>;
  acknowledge(
    applianceId: string,
    taken: TakenJob,
    now: number,
    lease: Lease,
  ): Promise<AcknowledgementResult>;
  /** False when the job is unknown or has ended. */
  requestStop(id: string, now: number, lease: Lease): Promise<boolean>;
  /**
   * Shortens leases that last longer than one from now. Called at the start: the clock may have been
   * set back since they were given.
   */
  boundLeases(lease: Lease): Promise<void>;
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
  /** Returns an appliance's open commands, oldest first, and ends those that it did not fetch in time. */
  giveOut(applianceId: string, now: number): Promise<StoredCommand[]>;
  /** Stores a command's result; only the first one counts. */
  end(applianceId: string, id: string, result: CommandResult, now: number): Promise<CommandEnding>;
  /** Returns the SHA-256 of the part; null when the command takes none. */
  addBundlePart(
    applianceId: string,
    id: string,
    number: number,
    content: Uint8Array,
  ): Promise<string | null>;
  /** The bundle; null until it is whole. */
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
  /** Stores a part and renews the lease of its attempt. */
  addPart(applianceId: string, part: NewPart, now: number, lease: Lease): Promise<PartResult>;
  /** Receipts of parts from a number on, as many as fit into one reply. */
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
