/**
 * The tables as Kysely sees them. Common subset of SQLite and PostgreSQL: identifiers as TEXT, moments as integers of
 * milliseconds since 1970, JSON as TEXT, truth as 0 and 1.
 */
export interface Tables {
  settings: SettingsTable;
  activation_codes: ActivationCodesTable;
  appliances: AppliancesTable;
  nonces: NoncesTable;
  jobs: JobsTable;
  result_parts: ResultPartsTable;
  result_hosts: ResultHostsTable;
  sessions: SessionsTable;
}

export interface SettingsTable {
  name: string;
  value: string;
}

export interface ActivationCodesTable {
  id: string;
  name: string;
  /** The key derived from the code, base64; the code itself is not kept. */
  activation_key: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  appliance_id: string | null;
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
  /** Address that the last request came from: the proxy's or the router's, where there is one. */
  seen_from: string | null;
  heartbeat_at: number | null;
  heartbeat: string | null;
  inventory: string | null;
  jobs_version: number;
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
  /** Sorts as addresses do: IPv4 as a number, anything else after it. */
  sort_key: number;
  address: string;
  open_ports: number;
  observation: string;
}

export interface SessionsTable {
  token_sha256: string;
  expires_at: number;
}
