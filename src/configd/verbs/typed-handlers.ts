import { SerialQueue } from "../../base/serial-queue.ts";
import { typedContacts } from "../egress/typed-contacts.ts";
import { readProposal } from "../trial/proposal.ts";
import { typedSettings } from "../trial/typed-settings.ts";
import type { HandlerParts, Handlers } from "./parts.ts";

/** The verb that tests what is typed, before anything is applied. */
export function typedHandlers({ system, kept, store, trials, ledger, clock, log }: HandlerParts) {
  // One at a time: each loads the path, and asks the proxy for a log-in.
  const queue = new SerialQueue();
  return {
    testTyped: ({ change, only }, signal) =>
      queue.run(async () => {
        signal.throwIfAborted();
        const { settings, secrets } = store.stored;
        const proposal = await readProposal(
          change,
          { settings, hasPassword: secrets.proxyPassword },
          system,
        );
        const ofTrial = trials.active?.proxyPassword;
        const present = ofTrial === undefined ? await kept.secrets.read("proxy-password") : ofTrial;
        const password = proposal.proxyPassword === undefined ? present : proposal.proxyPassword;
        const typed = typedSettings(proposal, settings, password, await system.interfaces());
        await ledger
          .record(typedContacts(typed, clock.nowMs()))
          .catch((error: unknown) =>
            log.warning("the egress ledger cannot be written", { error: String(error) }),
          );
        return { results: await system.testTyped(typed, signal, only) };
      }),
  } satisfies Partial<Handlers>;
}
