import type { ApplianceStore, CodeStore } from "./appliance-records.ts";
import type { CommandStore, JobStore, ResultStore } from "./job-records.ts";
import type { PageOf } from "./page.ts";

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
