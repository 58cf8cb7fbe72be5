import type { Heartbeat, Inventory, Outage, Trusts } from "../../protocol/schemas/health.ts";
import type { Lease } from "./job-records.ts";
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
   * An appliance of the fleet that enrols again with this code; it keeps its id, name and history.
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
  /** By what it knows the platform from its enrolment on. */
  told?: ToldTrust;
}

/** What an appliance said, or was told, of the platform's keys. */
export interface ToldTrust {
  configurationVersion: number;
  /** Null for one of version 0.2, which does not tell. */
  trusts: Trusts | null;
}

export type Enrolment =
  | { kind: "enrolled"; applianceId: string; name: string; certificate: string }
  | { kind: "code-used" }
  | { kind: "code-expired" };

export interface CodeStore {
  /** False when a code with this id exists already. */
  add(code: StoredCode): Promise<boolean>;
  find(id: string): Promise<StoredCode | null>;
  /** Newest first. */
  list(): Promise<StoredCode[]>;
  /** Deletes codes that expired unused before this moment. */
  prune(expiredBefore: number): Promise<void>;
  /**
   * Enrols an appliance with a code. The same code with the same key returns the same appliance
   * again, at any time; a key that is enrolled already keeps its appliance.
   */
  use(codeId: string, appliance: NewAppliance, now: number): Promise<Enrolment>;
}

/** A time in which an appliance could not call home, and why. */
export interface StoredOutage extends Outage {
  /** When the appliance told it. */
  endedAt: number;
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
  /** When it was last noticed to be set back to an earlier state, as from a snapshot. */
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
  /** It is a copy: another machine counts as the appliance. */
  refused: boolean;
}

export type Contact = "accepted" | "replayed" | "too-many" | "copy";

/** How a heartbeat came. */
export interface Arrival {
  /** The sender's address. */
  from: string | null;
  atMs: number;
  /** What the sender signed as its time. */
  signedMs: number;
}

export type HeartbeatResult =
  | { kind: "stored"; jobsVersion: number }
  | { kind: "copy"; news: boolean; original: string | null };

/** By what an appliance that is not revoked knows the platform, as far as it has told. */
export interface ApplianceTrust {
  id: string;
  name: string;
  enrolledAt: number;
  told: ToldTrust | null;
}

export interface ApplianceStore {
  find(id: string): Promise<StoredAppliance | null>;
  /** The key of an appliance, also of one that is revoked. */
  key(id: string): Promise<{ publicKey: string; revoked: boolean } | null>;
  /** By name. */
  list(page?: PageOf): Promise<StoredAppliance[]>;
  count(): Promise<number>;
  names(ids: readonly string[]): Promise<Map<string, string>>;
  /** Remembers a request's nonce until `expiresAt`, and the time of the contact. */
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
   * Stores a heartbeat and renews the leases of the jobs that it names, unless a later one is here
   * already. Returns the version of the appliance's list of jobs.
   */
  heartbeat(
    id: string,
    heartbeat: Heartbeat,
    arrival: Arrival,
    lease: Lease,
  ): Promise<HeartbeatResult>;
  /** Newest first. */
  boots(id: string): Promise<StoredBoot[]>;
  /** Newest first. */
  outages(id: string, limit: number): Promise<StoredOutage[]>;
  /** Forgets all starts, so that machines that were taken for copies may work again. */
  forgetBoots(id: string): Promise<void>;
  renewCertificate(id: string, certificate: string): Promise<void>;
  /** By name. */
  trusts(): Promise<ApplianceTrust[]>;
  inventory(id: string, inventory: Inventory): Promise<void>;
  /** Revokes the appliance and ends its jobs. False when it is unknown or revoked already. */
  revoke(id: string, now: number): Promise<boolean>;
}
