import type { ApplianceStore, CodeStore } from "./appliance-records.ts";
import type { CommandStore, JobStore, ResultStore } from "./job-records.ts";
import type { PageOf } from "./page.ts";

/**
 * All data of the platform except keys and published files. Every method that changes something is
 * one transaction, which is on the disk when its promise resolves: the platform may confirm it
 * then.
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

/** An entry of the journal: an operator's act. */
export interface StoredDeed {
  /** Counts up, in the order in which the acts began. */
  number: number;
  at: number;
  by: string;
  /** The address that the request came from. */
  from: string;
  what: string;
  subject: string;
  /**
   * "done" or an error's code. Null while the act runs, and for ever if the platform ended before
   * the act did.
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
