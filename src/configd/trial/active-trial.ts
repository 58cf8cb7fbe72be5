import { fact, withDetail } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { TrialEnd } from "../api/status.ts";
import type { TrialState } from "../state/schema.ts";
import type { Proposal } from "./proposal.ts";
import type { Decision, StoredTrial } from "./trial-files.ts";

/** How a trial ends, and the failure where it failed. */
export type Ending = Pick<TrialEnd, "end" | "detail" | "facts">;

/** The running trial, as configd has it in memory. */
export interface ActiveTrial extends StoredTrial {
  /** When it is reverted, by the monotonic clock. */
  deadlineMonotonicMs: number;
  /** The end to record when it is reverted without the operator's request. */
  otherwise: Ending;
  /** Aborts when the trial ends, whichever way. */
  over: AbortController;
}

export function activated(stored: StoredTrial, deadlineMonotonicMs: number): ActiveTrial {
  return {
    ...stored,
    deadlineMonotonicMs,
    otherwise: endingAs("timed-out"),
    over: new AbortController(),
  };
}

/** A trial of which only the state can be read: it can be reverted, not kept. */
export function withoutFiles(state: TrialState, settings: Settings): StoredTrial {
  return { state, settings, proxyPassword: undefined, activationCode: undefined };
}

/** The record of how a trial ended; `at` is by the appliance's clock, in ms. */
export function endOf(id: string, trial: ActiveTrial | null, ending: Ending, at: number): TrialEnd {
  const by = trial?.state.by ?? { how: "console", who: "", why: "" };
  return { id, by, at, ...ending, detail: ending.detail.slice(0, 2000) };
}

export function endingAs(end: TrialEnd["end"]): Ending {
  return { end, detail: "" };
}

/** The end of a trial that a restart of configd interrupted before it was active. */
export function interrupted(decision: Decision | null): Ending {
  return {
    end: decision === "revert" ? "reverted" : "failed",
    ...withDetail(fact("service-interrupted")),
  };
}

/** The state of a trial at its start. `deadlineAt` is by the appliance's clock, in ms. */
export function firstState(
  id: string,
  proposal: Proposal,
  checksBefore: CheckResult[],
  deadlineAt: number,
): TrialState {
  return {
    id,
    by: proposal.by,
    deadlineAt,
    phase: "applying",
    changes: proposal.changes,
    checksBefore,
    checks: [],
    advice: null,
    proxyPassword: passwordChange(proposal.proxyPassword),
  };
}

function passwordChange(password: string | null | undefined): TrialState["proxyPassword"] {
  if (password === undefined) return "same";
  return password === null ? "removed" : "replaced";
}
