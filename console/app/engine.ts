import type { Clock } from "../../src/base/clock.ts";
import type { Log } from "../../src/base/log.ts";
import type { ConfigdClient } from "../../src/configd/api/api.ts";
import type { Words } from "../words/words.ts";
import { ask } from "./ask.ts";
import { updateApp } from "./model.ts";
import { type AppEvent, type AppState, startApp } from "./state.ts";

export interface EngineOptions {
  client: ConfigdClient;
  words: Words;
  clock: Clock;
  log: Log;
  canLeave: boolean;
  /** True on the machine's own screen, with its keyboard. */
  atMachine?: boolean;
  /** True in line mode. */
  byLine?: boolean;
  /** Aborts when the console has to end. */
  signal: AbortSignal;
  size: { columns: number; rows: number };
}

export interface EngineHooks {
  /**
   * Called after each change of the state, with the event that caused it: the screen is painted at
   * once for a key, and later for a tick.
   */
  changed(state: AppState, event: AppEvent): void;
  /** Called when the whole terminal has to be painted. */
  repaint(): void;
}

/**
 * Holds the state and feeds it with keys, configd's status and time. Screen and line mode both use
 * it.
 */
export interface Engine {
  readonly state: AppState;
  /** Aborts when the operator leaves the console, or the process has to end. */
  readonly end: AbortSignal;
  dispatch(event: AppEvent): void;
  /** Stores the state that the view returned: it differs only in the scroll. */
  seen(state: AppState): void;
  /** Resolves when configd has answered every pending request, or at the end. */
  settled(): Promise<void>;
  /** Runs until the end. */
  run(): Promise<void>;
}

/** configd answers a status request within 25 s; one that takes longer is lost. */
const statusTimeoutMs = 40_000;
const firstRetryMs = 250;
const longestRetryMs = 2_000;
const tickMs = 1000;

export function createEngine(options: EngineOptions, hooks: EngineHooks): Engine {
  const { client, clock, words, canLeave, atMachine = false, byLine = false } = options;
  const left = new AbortController();
  const end = AbortSignal.any([options.signal, left.signal]);
  let state = startApp({
    words,
    canLeave,
    atMachine,
    byLine,
    ...options.size,
    monotonicMs: clock.monotonicMs(),
  });

  const pending = new Set<Promise<void>>();

  const dispatch = (event: AppEvent): void => {
    const step = updateApp(state, event);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.type === "repaint") hooks.repaint();
      else if (effect.type === "leave") left.abort();
      else {
        const asked = ask(client, effect.ask, end).then((answer) => {
          pending.delete(asked);
          if (answer !== null) dispatch({ type: "answer", to: effect.from, event: answer });
        });
        pending.add(asked);
      }
    }
    hooks.changed(state, event);
  };

  return {
    get state() {
      return state;
    },
    end,
    dispatch,
    seen(shown) {
      state = shown;
    },
    settled: async () => {
      await Promise.all(pending);
    },
    run: async () => {
      await Promise.all([followStatus(options, end, dispatch), tick(clock, end, dispatch)]);
    },
  };
}

/** Long-polls the status. While configd does not answer, the state says so and keeps all else. */
async function followStatus(
  { client, clock, log }: EngineOptions,
  end: AbortSignal,
  dispatch: (event: AppEvent) => void,
): Promise<void> {
  let revision: number | undefined;
  let retryMs = firstRetryMs;
  while (!end.aborted) {
    try {
      const patience = AbortSignal.any([end, AbortSignal.timeout(statusTimeoutMs)]);
      const request = revision === undefined ? {} : { after: revision };
      const status = await client.call("status", request, patience);
      revision = status.revision;
      retryMs = firstRetryMs;
      dispatch({ type: "status", status, monotonicMs: clock.monotonicMs() });
    } catch (error) {
      if (end.aborted) return;
      // A restarted configd counts revisions from a new beginning.
      if (revision !== undefined)
        log.warning("configd does not answer", {
          error: error instanceof Error ? error.message : String(error),
        });
      revision = undefined;
      dispatch({ type: "disconnected" });
      await clock.sleep(retryMs, end).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    }
  }
}

async function tick(
  clock: Clock,
  end: AbortSignal,
  dispatch: (event: AppEvent) => void,
): Promise<void> {
  while (!end.aborted) {
    await clock.sleep(tickMs, end).catch(() => undefined);
    if (!end.aborted) dispatch({ type: "tick", monotonicMs: clock.monotonicMs() });
  }
}
