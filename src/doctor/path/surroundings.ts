import type { Fact } from "../../base/messages/facts.ts";
import type { InterfaceFacts } from "../../network/live-model.ts";
import type { AgentConfiguration } from "../../settings/agent-configuration.ts";
import type { PathObserver, Transport } from "../../transport/http-transport.ts";
import type { KnownPlatform } from "./known-platform.ts";

/** All that the checks see of the machine and the network. */
export interface Surroundings {
  configuration: AgentConfiguration;
  /** null before the enrolment. */
  platform: KnownPlatform | null;
  interfaces(): Promise<InterfaceFacts[]>;
  /** Whether the neighbour on this link answers. */
  neighbourAnswers(device: string, address: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Asks one DNS server for a name; any answer is one, also that there is no such name. Rejects
   * with a dns-* error.
   */
  askDns(server: string, name: string | null, signal: AbortSignal): Promise<Fact>;
  /**
   * The way out as the agent has it: a new one each time, of the same proxy. `small`: with the
   * shortest TLS handshake.
   */
  transport(observe: PathObserver, small?: boolean): Transport;
  nowMs(): number;
  monotonicMs(): number;
}
