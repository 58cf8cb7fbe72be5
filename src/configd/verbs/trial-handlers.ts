import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { assignRoles, renderNetplan } from "../../network/netplan.ts";
import { describeChanges } from "../../settings/changes.ts";
import { parsePlatformUrl, problemAt } from "../../settings/fields.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { KeptConfiguration, RemoteChange, Review } from "../api/api.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import type { Trial } from "../api/status.ts";
import { keptBecause } from "../kept/change-reason.ts";
import { asked, type Proposal, readProposal, type Wish } from "../trial/proposal.ts";
import type { HandlerParts } from "./handlers.ts";
import type { Handlers } from "./server.ts";

type TrialVerbs =
  | "review"
  | "try"
  | "keep"
  | "revert"
  | "extend"
  | "history"
  | "restore"
  | "tryRemote"
  | "confirmRemote";

/** The verbs that change settings by a trial, and that end one. */
export function trialHandlers({
  system,
  kept,
  store,
  trials,
}: HandlerParts): Pick<Handlers, TrialVerbs> {
  const propose = (wish: Wish): Promise<Proposal> => {
    const { settings, secrets } = store.stored;
    return readProposal(wish, { settings, hasPassword: secrets.proxyPassword }, system);
  };
  const tryOut = async (wish: Wish): Promise<Trial> => {
    trials.requireNone();
    await trials.begin(await propose(wish));
    const { trial } = store.read();
    if (!trial) throw new OutriderError("trial-unknown");
    return trial;
  };

  return {
    review: async (wish): Promise<Review> => {
      try {
        const proposal = await propose(wish);
        const netplan = renderNetplan(
          proposal.settings,
          assignRoles(proposal.settings, await system.interfaces()),
        );
        return {
          problems: [],
          changes: proposal.changes,
          netplan,
          needsTrial: proposal.needsTrial,
        };
      } catch (error) {
        if (!(error instanceof SettingsRefused)) throw error;
        return {
          problems: error.problems.map((problem) => ({ ...problem })),
          changes: [],
          netplan: "",
          needsTrial: false,
        };
      }
    },

    try: (wish) => tryOut(wish),
    keep: async ({ id }) => {
      await trials.keep(id);
      return {};
    },
    revert: async ({ id }) => {
      await trials.revert(id);
      return {};
    },
    extend: async ({ id }) => {
      await trials.extend(id);
      return {};
    },

    history: async () => {
      const entries = await kept.history();
      return {
        entries: entries.map((entry, index): KeptConfiguration => {
          const older = entries[index + 1];
          return {
            ...entry,
            changes: older ? describeSettings(older.settings, entry.settings) : [],
          };
        }),
      };
    },
    restore: async ({ number, by }) => {
      const entry = (await kept.history()).find((candidate) => candidate.number === number);
      if (!entry)
        throw new OutriderError("history-unknown", { detail: fact("entry-number", { number }) });
      const { how, who, why } = asked(by);
      return tryOut({
        settings: entry.settings,
        by: { how, who, ...(why === "" ? keptBecause(fact("kept-back-to", { number })) : { why }) },
      });
    },

    tryRemote: async (change) => {
      const running = store.read().trial;
      if (running && isOfJob(running, change.jobId)) return running;
      return tryOut(remoteWish(change, store.stored.settings));
    },
    confirmRemote: async ({ jobId }) => {
      const running = store.read().trial;
      // What a person tries is kept by a person.
      if (!running || !isOfJob(running, jobId)) throw new OutriderError("trial-unknown");
      // Whatever was reached until now was reached by the old settings.
      if (running.phase === "applying")
        throw new OutriderError("trial-pending", { detail: fact("settings-not-active") });
      await trials.keep(running.id);
      return {};
    },
  };
}

function isOfJob({ by }: Trial, jobId: string): boolean {
  return by.how === "platform" && by.who === jobId;
}

/** The parts that the platform gave, on top of the settings that hold now. */
function remoteWish(change: RemoteChange, present: Settings): Wish {
  const { jobId, why, network, proxy, time, platformUrl, proxyPassword } = change;
  const url = platformUrl === undefined ? null : parsePlatformUrl(platformUrl);
  if (url && !url.ok) throw new SettingsRefused([problemAt("platform.url", url)]);
  return {
    settings: {
      ...present,
      ...(network ? { network } : {}),
      ...(proxy ? { proxy } : {}),
      ...(time ? { time } : {}),
      ...(url ? { platform: { url: url.value } } : {}),
    },
    ...(proxyPassword === undefined ? {} : { proxyPassword }),
    by: { how: "platform", who: jobId, why },
  };
}

/** Passwords are not in the history: whether one was set then is not known. */
function describeSettings(before: Settings, after: Settings): KeptConfiguration["changes"] {
  return describeChanges(before, after, { before: false, after: false, replaced: false });
}
