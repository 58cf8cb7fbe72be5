import type { Status } from "../../src/configd/api/status.ts";
import { isNew } from "../screens/welcome/model.ts";
import type { Answer } from "./ask.ts";
import { answerLocked, freshLock, lockNumber, shouldLock } from "./lock.ts";
import { openTrial, perform, push } from "./navigation.ts";
import { type AppState, type AppStep, contextOf } from "./state.ts";
import { endMessage } from "./trial-end.ts";

/** The state after configd's answer to the screen (or the lock) with number `to`. */
export function takeAnswer(state: AppState, to: number, event: Answer): AppStep {
  if (to === lockNumber && state.lock !== null) {
    const answer = event.type === "reply" && event.verb === "unlock" ? event.reply : codeOf(event);
    return {
      state: {
        ...state,
        lock: answerLocked(state.lock, answer, state.monotonicMs),
        lastKeyMs: state.monotonicMs,
      },
      effects: [],
    };
  }
  const entry = state.pile.find(({ number }) => number === to);
  if (!entry) return { state, effects: [] };
  // A trial has begun: its screen takes the place of the review, above the form.
  if (event.type === "reply" && (event.verb === "try" || event.verb === "restore")) {
    const status = state.status === null ? null : { ...state.status, trial: event.reply };
    return openTrial({ ...state, status, runningTrial: event.reply.id });
  }
  const step = entry.screen.handle(event, contextOf(state));
  const pile = state.pile.map((each) => (each === entry ? { ...each, screen: step.screen } : each));
  const ending = isRefusedEnd(event) ? null : state.ending;
  return perform({ ...state, pile, ending }, to, step.effects);
}

function codeOf(event: Answer): { code: string } {
  return { code: event.type === "failed" ? event.failure.code : "configd-unreachable" };
}

/** The appliance was asked to end itself, and configd said no; one that is gone has not. */
function isRefusedEnd(event: Answer): boolean {
  return (
    event.type === "failed" &&
    (event.verb === "factoryReset" || event.verb === "power") &&
    event.failure.code !== "configd-unreachable"
  );
}

/** The state after a new status. */
export function takeStatus(state: AppState, status: Status, monotonicMs: number): AppStep {
  let next: AppState = {
    ...state,
    status,
    connected: true,
    // A configd that answers again is the next one.
    ending: state.connected ? state.ending : null,
    statusAtMs: monotonicMs,
    monotonicMs,
    runningTrial: status.trial?.id ?? null,
  };
  // A console that starts is locked at once: restarting it must not bypass the PIN.
  if (state.status === null)
    next = { ...next, lastKeyMs: monotonicMs, lock: shouldLock(status, null) ? freshLock : null };
  else if (status.secrets.consolePin !== true && next.lock !== null) next = { ...next, lock: null };
  const context = contextOf(next);
  next = {
    ...next,
    pile: next.pile.map((entry) => ({
      ...entry,
      screen: entry.screen.handle({ type: "status" }, context).screen,
    })),
  };
  if (status.trial === null && state.runningTrial !== null)
    return endTrial(next, state.runningTrial, status);
  const { trial } = status;
  if (
    trial !== null &&
    trial.id !== next.seenTrial &&
    next.overlay === null &&
    next.pile.length === 1
  )
    return openTrial(next);
  if (state.status === null && state.atMachine && isNew(status))
    return push(next, { name: "welcome" });
  return { state: next, effects: [] };
}

/**
 * A trial ended, here, on another console or by its deadline. Shows a message; returns to the form,
 * or to the home screen when the trial was kept.
 */
function endTrial(state: AppState, id: string, status: Status): AppStep {
  const end = status.lastTrial?.id === id ? status.lastTrial : null;
  const wasShown = state.pile.some(({ screen }) => screen.name === "trial");
  const kept = end?.end === "kept";
  const below = state.pile.filter(({ screen }) => screen.name !== "trial");
  const pile = wasShown && kept ? below.slice(0, 1) : below;
  return {
    state: {
      ...state,
      pile,
      message: end ? { ...endMessage(end, state.words), sinceMs: null } : state.message,
    },
    effects: [],
  };
}
