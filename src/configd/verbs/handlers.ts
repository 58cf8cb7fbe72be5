import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { callAgent } from "../machine/call-agent.ts";
import type { System } from "../machine/system.ts";
import { agentHandlers } from "./agent-handlers.ts";
import { consoleHandlers } from "./console-handlers.ts";
import { enrolmentHandlers } from "./enrolment-handlers.ts";
import type { HandlerParts, Handlers } from "./parts.ts";
import { recoveryHandlers } from "./recovery-handlers.ts";
import { shardHandlers } from "./shard-handlers.ts";
import { toolHandlers } from "./tool-handlers.ts";
import { trialHandlers } from "./trial-handlers.ts";
import { typedHandlers } from "./typed-handlers.ts";
import { volumeHandlers } from "./volume-handlers.ts";

/**
 * How long a status request waits for a change: below the half minute after which proxies and
 * impatient clients give up.
 */
const longPollMs = 25_000;

/** The handlers of all verbs. A verb without one does not compile. */
export function makeHandlers(parts: HandlerParts): Handlers {
  return {
    ...generalHandlers(parts),
    ...trialHandlers(parts),
    ...recoveryHandlers(parts),
    ...enrolmentHandlers(parts),
    ...consoleHandlers(parts),
    ...toolHandlers(parts),
    ...volumeHandlers(parts),
    ...agentHandlers(parts),
    ...shardHandlers(parts),
    ...typedHandlers(parts),
  };
}

function generalHandlers({ system, store, live }: HandlerParts) {
  const runDoctor = sharedDoctor(system);
  return {
    status: async ({ after }, signal) => {
      live.touch();
      return store.wait(after, longPollMs, signal);
    },
    callNow: async () => {
      await callAgent(system);
      return {};
    },
    power: async ({ action }) => {
      await system.power(action);
      return {};
    },
    doctor: async ({ only }) => ({ results: await runDoctor(only) }),
  } satisfies Partial<Handlers>;
}

/**
 * Callers that ask for the same checks at once share one run: the checks take seconds and load the
 * path.
 */
function sharedDoctor(system: System): (only?: string) => Promise<CheckResult[]> {
  const running = new Map<string, Promise<CheckResult[]>>();
  return (only) => {
    const key = only ?? "";
    const run =
      running.get(key) ??
      system.runDoctor(new AbortController().signal, only).finally(() => running.delete(key));
    running.set(key, run);
    return run;
  };
}
