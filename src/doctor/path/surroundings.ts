import type { Fact } from "../../base/messages/facts.ts";
import type { InterfaceFacts } from "../../network/live-model.ts";
import type { AgentConfiguration } from "../../settings/agent-configuration.ts";
import type { PathObserver, Transport } from "../../transport/http-transport.ts";
import type { Hello, HelloTo } from "../../transport/stages/hello.ts";
import type { KnownIdle } from "./known-idle.ts";
import type { KnownPlatform } from "./known-platform.ts";
import type { OwnMachine } from "./own-machine.ts";

/** The port through which the checks reach the machine and the network. */
export interface Surroundings {
  configuration: AgentConfiguration;
  /** null before the enrolment. */
  platform: KnownPlatform | null;
  /** Of the agent's connections; empty before one was idle. */
  idle: KnownIdle;
  machine: OwnMachine;
  interfaces(): Promise<InterfaceFacts[]>;
  /** Whether the neighbour on this device's link answers ARP or neighbour discovery. */
  neighbourAnswers(device: string, address: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Asks one DNS server for a name, or whether it answers at all. That there is no such name counts
   * as an answer. Rejects with OutriderError "dns-refused", "dns-blocked" or
   * "dns-silent".
   */
  askDns(server: string, name: string | null, signal: AbortSignal): Promise<Fact>;
  /** A name's addresses as the agent finds them. Rejects with an OutriderError "dns-…". */
  resolve(name: string, signal: AbortSignal): Promise<string[]>;
  /**
   * A new transport with the agent's proxy and trust.
   *
   * @param hello unset, as the agent begins TLS
   * @param to whom; the others on the way as the agent begins TLS with them
   */
  transport(observe: PathObserver, hello?: Hello, to?: HelloTo): Transport;
  nowMs(): number;
  monotonicMs(): number;
}
