import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { assignRoles, renderNetplan } from "../../network/netplan.ts";
import { describeChanges } from "../../settings/changes.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { problemAt } from "../../settings/values/field-value.ts";
import { parsePlatformUrl } from "../../settings/values/names.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import type { KeptConfiguration, RemoteChange, Review } from "../api/shapes.ts";
import type { Trial } from "../api/status.ts";
import { keptBecause } from "../kept/change-reason.ts";
import { type ChangeRequest, originOf, type Proposal, readProposal } from "../trial/proposal.ts";
import type { HandlerParts, Handlers } from "./parts.ts";

/** The verbs that change settings by a trial, and that end one. */
export function trialHandlers({ system, kept, store, trials }: HandlerParts) {
  const propose = (request: ChangeRequest): Promise<Proposal> => {
    const { settings, secrets } = store.stored;
    return readProposal(request, { settings, hasPassword: secrets.proxyPassword }, system);
  };
  const tryOut = async (request: ChangeRequest): Promise<Trial> => {
    trials.requireNone();
    await trials.begin(await propose(request));
    const { trial } = store.read();
    if (!trial) throw new OutriderError("trial-unknown");
    return trial;
  };

  return {
    review: async (request): Promise<Review> => {
      try {
        const proposal = await propose(request);
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

    try: (request) => tryOut(request),
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
      const { how, who, why } = originOf(by);
      return tryOut({
        settings: entry.settings,
        by: { how, who, ...(why === "" ? keptBecause(fact("kept-back-to", { number })) : { why }) },
      });
    },

    tryRemote: async (change) => {
      const running = store.read().trial;
      if (running && isOfJob(running, change.jobId)) return running;
      return tryOut(remoteRequest(change, store.stored.settings));
    },
    confirmRemote: async ({ jobId }) => {
      const running = store.read().trial;
      // The agent may keep only the trial of its own job, never one of an operator.
      if (!running || !isOfJob(running, jobId)) throw new OutriderError("trial-unknown");
      // Until the settings are active, the agent called home over the old ones.
      if (running.phase === "applying")
        throw new OutriderError("trial-pending", { detail: fact("settings-not-active") });
      await trials.keep(running.id);
      return {};
    },
  } satisfies Partial<Handlers>;
}

function isOfJob({ by }: Trial, jobId: string): boolean {
  return by.how === "platform" && by.who === jobId;
}

/** The present settings with the parts that the platform gave. */
function remoteRequest(change: RemoteChange, present: Settings): ChangeRequest {
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
    proxyPassword,
    by: { how: "platform", who: jobId, why },
  };
}

/** The history has no passwords, so a change of the password is not described. */
function describeSettings(before: Settings, after: Settings): KeptConfiguration["changes"] {
  return describeChanges(before, after, { before: false, after: false, replaced: false });
}
