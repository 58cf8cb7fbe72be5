import type { Clock } from "../../src/base/clock.ts";
import type { Log } from "../../src/base/log.ts";
import type { ConfigdClient } from "../../src/configd/api/api.ts";
import type { Words } from "../words/words.ts";
import { ask } from "./ask.ts";
import { type AppEvent, type AppState, startApp, updateApp } from "./model.ts";

export interface EngineOptions {
  client: ConfigdClient;
  words: Words;
  clock: Clock;
  log: Log;
  canLeave: boolean;
  /** On the machine's own screen, with its keyboard. */
  atMachine?: boolean;
  /** Aborts when the console shall end. */
  signal: AbortSignal;
  size: { columns: number; rows: number };
}

export interface EngineHooks {
  /**
   * The state is another one; what made it is told, since a key is answered at once and a second
   * can wait.
   */
  changed(state: AppState, event: AppEvent): void;
  /** The terminal is to be painted whole. */
  repaint(): void;
}

/**
 * The state and all that moves it: keys that are given to it, configd's news, and time. Screen and
 * line mode both stand on this.
 */
export interface Engine {
  readonly state: AppState;
  /** Aborts when the console is left, or was asked to end. */
  readonly end: AbortSignal;
  dispatch(event: AppEvent): void;
  /** Takes a state that differs only in what was shown of it. */
  seen(state: AppState): void;
  /** Resolves when configd has answered all that it was asked for by now, or at the end. */
  settled(): Promise<void>;
  /** Runs until the end. */
  run(): Promise<void>;
}

/** configd holds a question for status up to 25 s; what takes longer is lost. */
const statusTimeoutMs = 40_000;
const firstRetryMs = 250;
const longestRetryMs = 2_000;
const tickMs = 1000;

export function createEngine(options: EngineOptions, hooks: EngineHooks): Engine {
  const { client, clock, words, canLeave, atMachine = false } = options;
  const left = new AbortController();
  const end = AbortSignal.any([options.signal, left.signal]);
  let state = startApp({
    words,
    canLeave,
    atMachine,
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

/**
 * Asks for the status again and again; whenever configd is away, the state says so and nothing else
 * is lost.
 */
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
      const status = await client.call(
        "status",
        revision === undefined ? {} : { after: revision },
        patience,
      );
      revision = status.revision;
      retryMs = firstRetryMs;
      dispatch({ type: "status", status, monotonicMs: clock.monotonicMs() });
    } catch (error) {
      if (end.aborted) return;
      // A configd that was started anew counts from the beginning.
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
