import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { describeChanges } from "../../settings/changes.ts";
import type { ChangeOrigin } from "../../settings/model/origin.ts";
import { withNetworkReset } from "../../settings/reset.ts";
import type { SettingChange } from "../api/status.ts";
import { keptBecause } from "../kept/change-reason.ts";
import { factoryReset } from "../kept/factory-reset.ts";
import { asked, readProposal } from "../trial/proposal.ts";
import type { HandlerParts } from "./handlers.ts";
import type { Handlers } from "./server.ts";

type RecoveryVerbs = "recoverNetwork" | "factoryReset" | "renew" | "readZeroTouch";

/** The verbs for an appliance that cannot be reached any more, or is given away. */
export function recoveryHandlers(parts: HandlerParts): Pick<Handlers, RecoveryVerbs> {
  const { system, paths, kept, store, live, trials, transaction, zeroTouch, log } = parts;
  return {
    recoverNetwork: async ({ by }) => {
      let changes: SettingChange[] = [];
      await trials.override(async () => {
        const { settings } = await kept.load();
        const reset = withNetworkReset(settings);
        changes = describeChanges(settings, reset, {
          before: false,
          after: false,
          replaced: false,
        });
        const { how, who } = asked(by);
        await transaction.replace(
          reset,
          {},
          {
            how: "recovery",
            who: `${how} ${who}`.trim(),
            ...keptBecause(fact("kept-network-reset")),
          },
        );
        await parts.onSettingsChanged();
      });
      return { changes };
    },
    factoryReset: async ({ confirmation }) => {
      if (confirmation.trim().toLowerCase() !== store.stored.hostname.toLowerCase())
        throw new OutriderError("confirmation-wrong");
      await factoryReset({ system, paths, log });
      return {};
    },
    renew: async ({ role }) => {
      const device = store.stored.interfaces.find((entry) => entry.role === role);
      if (!device)
        throw new OutriderError("interface-missing", {
          detail: fact("card-named", { card: role.toUpperCase() }),
        });
      await system.renewLease(device.name);
      await live.refresh();
      return {};
    },
    readZeroTouch: async ({ by }) => {
      trials.requireNone();
      const { settings, secrets } = store.stored;
      const reading = await zeroTouch.readAnew(settings);
      store.update({ zeroTouch: reading.report });
      const { "proxy-password": password } = reading.secrets;
      // An appliance that belongs to a platform keeps its identity: there the code has done its
      // work.
      const belongs = (store.stored.agent?.applianceId ?? null) !== null;
      const code = belongs ? undefined : reading.secrets["activation-code"];
      const isNew =
        password !== undefined && password !== (await kept.secrets.read("proxy-password"));
      const who = reading.report.sources
        .map(({ source }) => source)
        .join(", ")
        .slice(0, 100);
      const wish = {
        settings: reading.settings,
        ...(isNew ? { proxyPassword: password } : {}),
        by: { how: "zero-touch" as const, who, why: whyOf(asked(by)) },
      };
      const proposal = await readProposal(
        wish,
        { settings, hasPassword: secrets.proxyPassword },
        system,
      );
      if (proposal.changes.length > 0) {
        await trials.begin({ ...proposal, activationCode: code });
        return { zeroTouch: reading.report, trial: store.read().trial };
      }
      if (code !== undefined) {
        await kept.secrets.write("activation-code", code);
        await transaction.refreshAgent(null, "restart");
        await parts.onSettingsChanged();
      }
      return { zeroTouch: reading.report, trial: null };
    },
  };
}

/** Who asked for it stands here: the place of who it is by has the sources. */
function whyOf({ who, why }: ChangeOrigin): string {
  return [who, why]
    .filter((part) => part !== "")
    .join(": ")
    .slice(0, 300);
}
