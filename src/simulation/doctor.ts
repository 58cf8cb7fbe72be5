import { systemClock } from "../base/clock.ts";
import { OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import type { LiveInterface } from "../configd/machine/system.ts";
import type { KnownPlatform } from "../doctor/path/known-platform.ts";
import type { Surroundings } from "../doctor/path/surroundings.ts";
import { runDoctor } from "../doctor/run-doctor.ts";
import type { InterfaceFacts } from "../network/live-model.ts";
import type { CheckResult } from "../protocol/schemas/check-result.ts";
import type { TypedSettings } from "../settings/typed-settings.ts";
import { describedAgent } from "./described-machine.ts";
import type { DescribedNow } from "./described-now.ts";
import { describedOwnMachine } from "./own-machine.ts";
import { addressOfAll, describedTransport } from "./transport.ts";

/** The doctor's own checks, over a described machine. No packet leaves. */
export async function describedDoctor(
  now: DescribedNow,
  signal: AbortSignal,
  { only = null, typed = null }: { only?: string | null; typed?: TypedSettings | null } = {},
): Promise<CheckResult[]> {
  const { gateways } = now.machine.surroundings;
  const isTaken = async (_: string, address: string) => gateways.includes(address);
  const options = { only, side: "both", typed, isTaken } as const;
  const results: CheckResult[] = [];
  for await (const result of runDoctor(surroundingsOf(now), signal, options)) results.push(result);
  return results;
}

function surroundingsOf(now: DescribedNow): Surroundings {
  const { machine, configuration } = now;
  const { gateways, dnsServers } = machine.surroundings;
  const interfaces = now.interfaces.map(factsOf);
  return {
    configuration,
    platform: platformOf(now),
    idle: [],
    machine: describedOwnMachine(now, interfaces),
    interfaces: async () => interfaces,
    neighbourAnswers: async (_, address) => gateways.includes(address),
    async askDns(server, host) {
      if (!dnsServers.includes(server))
        throw new OutriderError("dns-silent", {
          detail: fact("dns-asked", { server, said: "ETIMEOUT" }),
        });
      return host === null
        ? fact("dns-answers")
        : fact("name-found", { host, addresses: addressOfAll });
    },
    resolve: async () => [addressOfAll],
    transport: (observe) => describedTransport(now, observe),
    nowMs: systemClock.nowMs,
    monotonicMs: systemClock.monotonicMs,
  };
}

function factsOf(live: LiveInterface, position: number): InterfaceFacts {
  return {
    ...live,
    index: live.index ?? position + 1,
    leasedRoutes: [...(live.leasedRoutes ?? [])],
  };
}

/** The services that the described agent knows; null where it is not enrolled, or the real one runs. */
function platformOf({ machine, configuration }: DescribedNow): KnownPlatform | null {
  const agent = describedAgent(machine, systemClock.nowMs());
  const { platformUrl } = configuration;
  if (agent === null || agent.applianceId === null) return null;
  if (platformUrl === null || platformUrl !== machine.settings?.platform.url) return null;
  const at = (name: keyof typeof agent.services) =>
    agent.services[name].url ?? new URL(`/${name}/v1`, platformUrl).href;
  return {
    platformUrl,
    certificateAuthorities: "",
    configuration: {
      directory: {
        platformName: agent.platformName ?? "",
        services: {
          enrolment: at("enrolment"),
          health: at("health"),
          updates: at("updates"),
          jobs: at("jobs"),
          results: at("results"),
        },
        ipRanges: agent.ipRanges,
      },
    },
  };
}
