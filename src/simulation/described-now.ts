import type { LiveInterface } from "../configd/machine/system.ts";
import type { AgentConfiguration } from "../settings/agent-configuration.ts";
import type { DescribedMachine } from "./described-machine.ts";

/** A described machine with its settings, as it is now. */
export interface DescribedNow {
  machine: DescribedMachine;
  configuration: AgentConfiguration;
  interfaces: readonly LiveInterface[];
  /** "" where none is set, or none can be read. */
  proxyPassword: string;
}
