import { access } from "node:fs/promises";
import { join } from "node:path";
import { type ActivationCodeProblem, parseActivationCode } from "../../base/activation-code.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { parsePlatformUrl, problemAt } from "../../settings/fields.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import { EgressLedger } from "../egress/ledger.ts";
import { keptBecause } from "../kept/change-reason.ts";
import type { SavedSettings } from "../kept/saved-settings.ts";
import type { System } from "../machine/system.ts";
import { agentUnit, shardPattern, shardsOf, shardUnit } from "../machine/units.ts";
import type { LiveStatus } from "../status/live-status.ts";
import type { StatusStore } from "../status/status-store.ts";
import { asked } from "../trial/proposal.ts";
import type { Transaction } from "../trial/transaction.ts";
import type { Trials } from "../trial/trials.ts";
import type { ZeroTouch } from "../zero-touch/zero-touch.ts";
import { agentHandlers } from "./agent-handlers.ts";
import { consoleHandlers } from "./console-handlers.ts";
import type { ConsoleRequests } from "./console-requests.ts";
import { recoveryHandlers } from "./recovery-handlers.ts";
import type { Handlers } from "./server.ts";
import { trialHandlers } from "./trial-handlers.ts";

/**
 * How long a status request waits for news: below the half minute after which proxies and impatient
 * clients give up.
 */
export const longPollMs = 25_000;

export interface HandlerParts {
  system: System;
  paths: AppliancePaths;
  kept: SavedSettings;
  store: StatusStore;
  live: LiveStatus;
  trials: Trials;
  transaction: Transaction;
  zeroTouch: ZeroTouch;
  wishes: ConsoleRequests;
  clock: Clock;
  log: Log;
  onSettingsChanged: () => Promise<void>;
}

export function makeHandlers(parts: HandlerParts): Handlers {
  const { system, paths, kept, store, live, trials, transaction, wishes, clock } = parts;
  const ledger = new EgressLedger(paths.egress, () => clock.nowMs());

  const checking = new Map<string, Promise<CheckResult[]>>();
  /**
   * Two screens that ask the same at once get the same answer: the checks take seconds and load the
   * path.
   */
  const runDoctor = (only?: string): Promise<CheckResult[]> => {
    const key = only ?? "";
    const running =
      checking.get(key) ??
      system.runDoctor(new AbortController().signal, only).finally(() => checking.delete(key));
    checking.set(key, running);
    return running;
  };

  const callAgent = async () => {
    const [unit] = await system.units(agentUnit);
    if (unit?.activeState === "active") await system.signalUnit(agentUnit, "SIGUSR2");
    else await system.restartUnit(agentUnit);
  };

  return {
    status: async ({ after }, signal) => {
      live.touch();
      return store.wait(after, longPollMs, signal);
    },

    ...trialHandlers(parts),
    ...recoveryHandlers(parts),
    ...agentHandlers(parts, wishes, ledger),
    ...consoleHandlers(parts, wishes, ledger, callAgent),

    enrol: async ({ url, code, by }) => {
      trials.requireNone();
      const parsedUrl = parsePlatformUrl(url);
      if (!parsedUrl.ok) throw new SettingsRefused([problemAt("platform.url", parsedUrl)]);
      const parsedCode = parseActivationCode(code);
      if (!parsedCode.ok)
        throw new OutriderError("code-malformed", { detail: codeFact(parsedCode.problem) });
      const { settings } = await kept.load();
      await kept.save(
        { ...settings, platform: { url: parsedUrl.value } },
        { "activation-code": parsedCode.code.text },
        { ...asked(by), ...keptBecause(fact("kept-enrolment")) },
      );
      await parts.onSettingsChanged();
      await transaction.refreshAgent(null, "restart");
      await live.refresh();
      return {};
    },
    enrolled: async () => {
      await kept.secrets.write("activation-code", null);
      // The agent goes on with what it has; the code must not be there at its next start.
      await transaction.refreshAgent(trials.active, "leave");
      await parts.onSettingsChanged();
      return {};
    },

    callNow: async () => {
      await callAgent();
      return {};
    },
    power: async ({ action }) => {
      await system.power(action);
      return {};
    },
    doctor: async ({ only }) => ({ results: await runDoctor(only) }),

    startShard: async ({ jobId, shard }) => {
      const plan = join(paths.scan, jobId, `${shard}.plan.json`);
      await access(plan).catch(() => {
        throw new OutriderError("request-invalid", {
          detail: fact("shard-without-plan", { shard, job: jobId }),
        });
      });
      const unit = shardUnit(jobId, shard);
      await system.resetFailed(unit);
      await system.startUnit(unit);
      return {};
    },
    stopJob: async ({ jobId }) => {
      for (const { name } of await system.units(shardPattern(jobId))) {
        await system.stopUnit(name);
        await system.resetFailed(name);
      }
      return {};
    },
    shards: async ({ jobId }) => shardsOf(jobId, await system.units(shardPattern(jobId))),
  };
}

function codeFact(problem: ActivationCodeProblem): Fact {
  if (problem.kind === "length") return fact("code-length", { length: problem.length });
  if (problem.kind === "character") return fact("code-character", { position: problem.position });
  return problem.likelyPosition === null
    ? fact("code-characters-wrong")
    : fact("code-character-wrong", { position: problem.likelyPosition });
}
