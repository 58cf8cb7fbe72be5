import type { Clock } from "../../src/base/clock.ts";
import type { Log } from "../../src/base/log.ts";
import type { ConfigdClient } from "../../src/configd/api.ts";
import type { Key } from "../fields/key.ts";
import type { Frame } from "../frame/frame.ts";
import type { Words } from "../words/words.ts";
import { ask } from "./ask.ts";
import { type AppEffect, type AppEvent, startApp, updateApp } from "./model.ts";
import { viewApp } from "./view.ts";

/** What the application needs of a terminal. */
export interface Surface {
  size(): { columns: number; rows: number };
  paint(frame: Frame): void;
  clear(): void;
  onKey(listener: (key: Key) => void): void;
  onResize(listener: () => void): void;
}

export interface RunOptions {
  client: ConfigdClient;
  surface: Surface;
  words: Words;
  clock: Clock;
  log: Log;
  canLeave: boolean;
  /** Shortest time between two paintings that nobody pressed a key for: a serial line is slow. */
  quietPaintMs: number;
  /** Aborts when the console shall end. */
  signal: AbortSignal;
}

/** configd holds a question for status up to 25 s; what takes longer is lost. */
const statusTimeoutMs = 40_000;
const firstRetryMs = 250;
const longestRetryMs = 2_000;

/** The console until it is left or aborted: events change the state, the state is painted, effects go to configd. */
export async function runConsole(options: RunOptions): Promise<void> {
  const { surface, clock, signal } = options;
  const left = new AbortController();
  const end = AbortSignal.any([signal, left.signal]);
  let state = startApp({ words: options.words, canLeave: options.canLeave, ...surface.size(), monotonicMs: clock.monotonicMs() });
  let paintedAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const paint = () => {
    clearTimeout(timer);
    timer = undefined;
    if (end.aborted) return;
    const seen = viewApp(state);
    state = seen.state;
    surface.paint(seen.frame);
    paintedAtMs = clock.monotonicMs();
  };
  const paintSoon = () => {
    timer ??= setTimeout(paint, Math.max(0, paintedAtMs + options.quietPaintMs - clock.monotonicMs()));
  };
  const perform = (effect: AppEffect) => {
    switch (effect.type) {
      case "repaint":
        surface.clear();
        return;
      case "leave":
        left.abort();
        return;
      case "ask":
        void ask(options.client, effect.ask, end).then((event) => {
          if (event !== null) dispatch({ type: "answer", to: effect.from, event });
        });
    }
  };
  const dispatch = (event: AppEvent, prompt = false) => {
    const step = updateApp(state, event);
    state = step.state;
    for (const effect of step.effects) perform(effect);
    if (prompt) paint();
    else paintSoon();
  };

  surface.onKey((key) => dispatch({ type: "key", key }, true));
  surface.onResize(() => dispatch({ type: "size", ...surface.size() }, true));
  paint();
  await Promise.all([followStatus(options, end, dispatch), tick(clock, end, dispatch)]);
  clearTimeout(timer);
}

/** Asks for the status again and again; whenever configd is away, the state says so and nothing else is lost. */
async function followStatus({ client, clock, log }: RunOptions, end: AbortSignal, dispatch: (event: AppEvent) => void): Promise<void> {
  let revision: number | undefined;
  let retryMs = firstRetryMs;
  while (!end.aborted) {
    try {
      const patience = AbortSignal.any([end, AbortSignal.timeout(statusTimeoutMs)]);
      const status = await client.call("status", revision === undefined ? {} : { after: revision }, patience);
      revision = status.revision;
      retryMs = firstRetryMs;
      dispatch({ type: "status", status, monotonicMs: clock.monotonicMs() });
    } catch (error) {
      if (end.aborted) return;
      // A configd that was started anew counts from the beginning.
      if (revision !== undefined) log.warning("configd does not answer", { error: error instanceof Error ? error.message : String(error) });
      revision = undefined;
      dispatch({ type: "disconnected" });
      await clock.sleep(retryMs, end).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    }
  }
}

async function tick(clock: Clock, end: AbortSignal, dispatch: (event: AppEvent) => void): Promise<void> {
  while (!end.aborted) {
    await clock.sleep(1000, end).catch(() => undefined);
    dispatch({ type: "tick", monotonicMs: clock.monotonicMs() });
  }
}
