import { configuredDestinations } from "../api/configured-destinations.ts";
import { factoryReset } from "../kept/factory-reset.ts";
import { ContactMemory } from "../status/contact-memory.ts";
import { firewallText } from "./firewall-text.ts";
import type { HandlerParts, Handlers } from "./parts.ts";

/** In characters. A longer journal loses its oldest lines. */
const longestJournal = 2_000_000;

/**
 * The verbs that only the agent calls, besides those for scans: it fetches the console's requests,
 * reports its status and contacts, and needs root to seal its keys, read the journal and wipe the
 * appliance.
 */
export function agentHandlers(parts: HandlerParts) {
  const { system, paths, log, store, requests, ledger } = parts;
  const contacts = new ContactMemory();
  const noteConfigured = () => ledger.note(configuredDestinations(store.stored));
  return {
    consoleRequests: async ({ ended }) => requests.take(ended),
    agentStatus: async (agent) => {
      store.update({ agent: contacts.remember(agent) });
      // The agent reports whenever anything changes, and at least once a minute: often enough to
      // keep the ledger's configured destinations up to date.
      await noteConfigured().catch((error: unknown) =>
        log.warning("the egress ledger cannot be written", { error: String(error) }),
      );
      return {};
    },
    networkReports: async () => ({ reports: store.stored.networkReports }),
    egressSeen: async ({ contacts }) => {
      await ledger.record(contacts);
      return {};
    },
    egress: async () => {
      await noteConfigured();
      return ledger.read();
    },
    firewallText: async () => ({ text: await firewallText(parts) }),
    seal: async ({ name, secret }) => {
      const sealed = await system.seal(name, Buffer.from(secret, "base64"));
      return { sealed: Buffer.from(sealed).toString("base64") };
    },
    unseal: async ({ name, sealed }) => {
      const secret = await system.unseal(name, Buffer.from(sealed, "base64"));
      return { secret: Buffer.from(secret).toString("base64") };
    },
    journal: async ({ lines }) => ({ text: (await system.journal(lines)).slice(-longestJournal) }),
    decommission: async ({ jobId }) => {
      log.warning("appliance decommissioned by the platform", { command: jobId });
      await factoryReset({ system, paths, log });
      return {};
    },
  } satisfies Partial<Handlers>;
}
