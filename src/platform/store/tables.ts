import type { Generated } from "kysely";

/**
 * The tables as Kysely sees them. Common subset of SQLite and PostgreSQL: identifiers as TEXT,
 * moments as integers (milliseconds since 1970), JSON as TEXT, booleans as 0 and 1.
 */
export interface Tables {
  settings: SettingsTable;
  activation_codes: ActivationCodesTable;
  appliances: AppliancesTable;
  nonces: NoncesTable;
  jobs: JobsTable;
  commands: CommandsTable;
  command_parts: CommandPartsTable;
  appliance_boots: ApplianceBootsTable;
  result_parts: ResultPartsTable;
  result_hosts: ResultHostsTable;
  sessions: SessionsTable;
  journal: JournalTable;
  outages: OutagesTable;
}

export interface SettingsTable {
  name: string;
  value: string;
}

export interface ActivationCodesTable {
  id: string;
  name: string;
  /** The key derived from the code, base64; the code itself is not stored. */
  activation_key: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  appliance_id: string | null;
  /** The appliance that may enrol again with it and keeps its record. */
  for_appliance_id: string | null;
}

export interface AppliancesTable {
  id: string;
  name: string;
  hostname: string;
  /** SubjectPublicKeyInfo, DER in base64. */
  public_key: string;
  certificate: string;
  software_version: string;
  enrolled_at: number;
  revoked_at: number | null;
  last_contact_at: number | null;
  /** The address that the last request came from; a proxy's or router's if it came through one. */
  seen_from: string | null;
  heartbeat_at: number | null;
  heartbeat: string | null;
  inventory: string | null;
  jobs_version: number;
  /** The start that counts as this appliance now. */
  boot_id: string | null;
  /** When that start took over, by the platform's clock. */
  boot_since: number | null;
  /** The machine that enrolled. */
  machine: string | null;
  /** By what it knew the platform in its last heartbeat, JSON. */
  trusts: string | null;
  /** The highest count of starts that a heartbeat reported. */
  starts: number | null;
  restored_at: number | null;
}

export interface ApplianceBootsTable {
  /** The agent's counts in the last heartbeat of this start; null where none was counted yet. */
  starts: number | null;
  sequence: number | null;
  appliance_id: string;
  boot_id: string;
  machine: string | null;
  first_seen_at: number;
  last_seen_at: number;
  /** How often it called again after another start had called. */
  returns: number;
  refused: number;
  seen_from: string | null;
  addresses: string;
}

export interface CommandsTable {
  id: string;
  appliance_id: string;
  kind: string;
  network: string | null;
  created_at: number;
  expires_at: number;
  given_at: number | null;
  ended_at: number | null;
  end_state: string | null;
  result: string | null;
}

export interface CommandPartsTable {
  command_id: string;
  number: number;
  /** Base64. */
  content: string;
}

export interface OutagesTable {
  appliance_id: string;
  since: number;
  checked_at: number;
  /** When the heartbeat with it came. */
  ended_at: number;
  code: string;
  /** JSON. */
  checks: string;
}

export interface NoncesTable {
  key_id: string;
  nonce: string;
  expires_at: number;
}

export interface JobsTable {
  id: string;
  appliance_id: string;
  specification: string;
  address_count: number;
  created_at: number;
  attempt: number;
  given_at: number | null;
  acknowledged_at: number | null;
  /** When the appliance stored this attempt, by its own clock. */
  taken_at: number | null;
  /** Heartbeats in a row that did not name the job, since this attempt was given out. */
  unnamed: Generated<number>;
  lease_until: number | null;
  progress: string | null;
  stop_requested_at: number | null;
  ended_at: number | null;
  end_state: string | null;
  completion: string | null;
  completed_attempt: number | null;
}

export interface ResultPartsTable {
  job_id: string;
  attempt: number;
  number: number;
  sha256: string;
  received_at: number;
}

export interface ResultHostsTable {
  job_id: string;
  attempt: number;
  /** An IPv4 address as a number; the same greater number for all others. */
  sort_key: number;
  address: string;
  open_ports: number;
  observation: string;
}

export interface JournalTable {
  number: number;
  at: number;
  by_whom: string;
  from_where: string;
  what: string;
  subject: string;
  /** Null while the act runs, and for ever if the platform ended before the act did. */
  outcome: string | null;
  detail: string;
}

export interface SessionsTable {
  token_sha256: string;
  expires_at: number;
}
