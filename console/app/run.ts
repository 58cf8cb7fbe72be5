import type { Frame } from "../frame/frame.ts";
import type { Key } from "../page/key.ts";
import { createEngine, type EngineOptions } from "./engine.ts";
import { viewApp } from "./view.ts";

/** The part of a terminal that the application needs. */
export interface Surface {
  size(): { columns: number; rows: number };
  paint(frame: Frame): void;
  clear(): void;
  onKey(listener: (key: Key) => void): void;
  onResize(listener: () => void): void;
}

export interface RunOptions extends Omit<EngineOptions, "size"> {
  surface: Surface;
  /** Shortest time between two paintings that no key caused: a serial line is slow. */
  quietPaintMs: number;
}

/**
 * Runs the console until the operator leaves it or it is aborted: events change the state, the state
 * is painted, effects go to configd.
 */
export async function runConsole(options: RunOptions): Promise<void> {
  const { surface, clock } = options;
  let paintedAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let prompt: NodeJS.Immediate | undefined;

  const paint = () => {
    clearTimeout(timer);
    clearImmediate(prompt);
    timer = undefined;
    prompt = undefined;
    if (engine.end.aborted) return;
    const { state, frame } = viewApp(engine.state);
    engine.seen(state);
    surface.paint(frame);
    paintedAtMs = clock.monotonicMs();
  };
  const engine = createEngine(
    { ...options, size: surface.size() },
    {
      changed: (_state, { type }) => {
        // Keys that came in one read, as from a paste, are painted once.
        if (type === "key" || type === "size") prompt ??= setImmediate(paint);
        else
          timer ??= setTimeout(
            paint,
            Math.max(0, paintedAtMs + options.quietPaintMs - clock.monotonicMs()),
          );
      },
      repaint: () => surface.clear(),
    },
  );
  surface.onKey((key) => engine.dispatch({ type: "key", key }));
  surface.onResize(() => engine.dispatch({ type: "size", ...surface.size() }));
  paint();
  await engine.run();
  clearTimeout(timer);
  clearImmediate(prompt);
}
