import { factoryReset } from "./factory-reset.ts";
import type { HandlerParts } from "./handlers.ts";
import type { Handlers } from "./server.ts";

type AgentVerbs = "seal" | "unseal" | "journal" | "decommission";

/** What the agent has root do for it, besides scans: seal its keys, read the journal, and wipe the appliance at the platform's word. */
export function agentHandlers({ system, paths, log }: HandlerParts): Pick<Handlers, AgentVerbs> {
  return {
    seal: async ({ name, secret }) => ({ sealed: Buffer.from(await system.seal(name, Buffer.from(secret, "base64"))).toString("base64") }),
    unseal: async ({ name, sealed }) => ({ secret: Buffer.from(await system.unseal(name, Buffer.from(sealed, "base64"))).toString("base64") }),
    journal: async ({ lines }) => ({ text: (await system.journal(lines)).slice(-longestJournal) }),
    decommission: async ({ jobId }) => {
      log.warning("appliance decommissioned by the platform", { command: jobId });
      await factoryReset({ system, paths, log });
      return {};
    },
  };
}

/** In characters; the newest lines are the last ones. */
const longestJournal = 2_000_000;
