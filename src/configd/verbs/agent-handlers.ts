import { configuredDestinations } from "../egress/configured-destinations.ts";
import type { EgressLedger } from "../egress/ledger.ts";
import { factoryReset } from "../kept/factory-reset.ts";
import type { ConsoleRequests } from "./console-requests.ts";
import type { HandlerParts } from "./handlers.ts";
import type { Handlers } from "./server.ts";

type AgentVerbs =
  | "seal"
  | "unseal"
  | "journal"
  | "egressSeen"
  | "egress"
  | "decommission"
  | "agentStatus"
  | "wishes";

/**
 * What the agent has root do for it, besides scans: seal its keys, read the journal, and wipe the
 * appliance at the platform's word.
 */
export function agentHandlers(
  { system, paths, log, store }: HandlerParts,
  wishes: ConsoleRequests,
  ledger: EgressLedger,
): Pick<Handlers, AgentVerbs> {
  const noteStanding = () => ledger.note(configuredDestinations(store.stored));
  return {
    wishes: async ({ ended }) => wishes.take(ended),
    agentStatus: async (agent) => {
      store.update({ agent });
      // As often as anything changes, and at least once a minute.
      await noteStanding().catch((error: unknown) =>
        log.warning("the egress ledger cannot be written", { error: String(error) }),
      );
      return {};
    },
    egressSeen: async ({ contacts }) => {
      await ledger.record(contacts);
      return {};
    },
    egress: async () => {
      await noteStanding();
      return ledger.read();
    },
    seal: async ({ name, secret }) => ({
      sealed: Buffer.from(await system.seal(name, Buffer.from(secret, "base64"))).toString(
        "base64",
      ),
    }),
    unseal: async ({ name, sealed }) => ({
      secret: Buffer.from(await system.unseal(name, Buffer.from(sealed, "base64"))).toString(
        "base64",
      ),
    }),
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
