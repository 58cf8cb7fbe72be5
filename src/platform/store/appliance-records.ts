import type { Heartbeat, Inventory } from "../../protocol/schemas/health.ts";
import type { PageOf } from "./page.ts";

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
