import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { describeChanges } from "../../settings/changes.ts";
import type { ChangeOrigin } from "../../settings/model/origin.ts";
import { withNetworkReset } from "../../settings/reset.ts";
import type { SettingChange } from "../api/status.ts";
import { keptBecause } from "../kept/change-reason.ts";
import { factoryReset } from "../kept/factory-reset.ts";
import { originOf, readProposal } from "../trial/proposal.ts";
import { interfaceOf } from "./interface-of.ts";
import type { HandlerParts, Handlers } from "./parts.ts";

/**
 * The verbs for an appliance that is unreachable, is given away, or has to read its lease or its
 * zero-touch settings again.
 */
export function recoveryHandlers(parts: HandlerParts) {
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
        const { how, who } = originOf(by);
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
      const device = interfaceOf(store, role);
      await system.renewLease(device.name);
      await live.refresh();
      return {};
    },
    readZeroTouch: async ({ by }) => {
      trials.requireNone();
      const { settings, secrets } = store.stored;
      const reading = await zeroTouch.readAgain(settings);
      store.update({ zeroTouch: reading.report });
      const { "proxy-password": password } = reading.secrets;
      // An enrolled appliance keeps its identity: it has no use for the code any more.
      const isEnrolled = (store.stored.agent?.applianceId ?? null) !== null;
      const code = isEnrolled ? undefined : reading.secrets["activation-code"];
      const isNew =
        password !== undefined && password !== (await kept.secrets.credential("proxy-password"));
      const who = reading.report.sources
        .map(({ source }) => source)
        .join(", ")
        .slice(0, 100);
      const change = {
        settings: reading.settings,
        proxyPassword: isNew ? password : undefined,
        by: { how: "zero-touch" as const, who, why: whyOf(originOf(by)) },
      };
      const proposal = await readProposal(
        change,
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
  } satisfies Partial<Handlers>;
}

/** `why` records the operator who asked, for `who` already holds the zero-touch sources. */
function whyOf({ who, why }: ChangeOrigin): string {
  return [who, why]
    .filter((part) => part !== "")
    .join(": ")
    .slice(0, 300);
}
