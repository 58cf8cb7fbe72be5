import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { Inventory } from "../../protocol/schemas/health.ts";
import type { Transport } from "../../transport/http-transport.ts";
import type { PathOptions } from "../../transport/path.ts";
import type { KnownAuthorities } from "../../transport/uplink.ts";
import type { EgressRecorder } from "../egress/recorder.ts";
import type { Identity, IdentityStore } from "../identity/identity-store.ts";
import type { Instance } from "../identity/instance.ts";
import type { ServerClock } from "../session/server-clock.ts";
import type { Spool } from "../spool/spool.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";
import type { LoadedConfiguration } from "./configuration.ts";
import type { AgentPaths } from "./paths.ts";

/** The agent's surroundings: an enrolled appliance uses them as they are. */
interface Surroundings {
  configuration: LoadedConfiguration;
  paths: AgentPaths;
  configd: ConfigdClient;
  clock: Clock;
  random: Random;
  log: Log;
  softwareVersion: string;
  /** Collects the machine's inventory; null when that fails. */
  inventory(signal: AbortSignal): Promise<Inventory | null>;
}

export interface AgentParts extends Surroundings {
  /** Read from the machine when absent. */
  instance?: Instance | undefined;
  /** Limit of the spool; a share of the disk when absent. */
  spoolLimitBytes?: number | undefined;
  /** Parts of the path that tests replace. */
  path?: Pick<PathOptions, "limits" | "resolve"> | undefined;
}

/** A transport whose trusted authorities can be replaced. */
export type PlatformTransport = Transport & { trust(platform: KnownAuthorities): void };

export interface EnrolledParts extends Surroundings {
  identity: Identity;
  identities: IdentityStore;
  instance: Instance;
  spool: Spool;
  status: StatusStore;
  serverClock: ServerClock;
  counters: AgentCounters;
  /** Raised when the agent shall call home at once. */
  callWakeUp: WakeUp;
  /** Raised when configd may have console requests. */
  requestWakeUp: WakeUp;
  egress: Pick<EgressRecorder, "record">;
  transport(platform: KnownAuthorities): PlatformTransport;
  /** Accepts any issuer of a certificate: for what proves itself. */
  openTransport(): Transport;
}
