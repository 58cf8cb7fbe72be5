/**
 * Calls `end` at the first of these signals. The listener stays, and further signals do nothing:
 * signal-exit, which execa has loaded while a program of its runs, kills the process itself when
 * nobody else listens any more, as after `process.once`. Returns what takes the listener away.
 */
export function onStopSignals(
  signals: readonly NodeJS.Signals[],
  end: (signal: NodeJS.Signals) => void,
): () => void {
  let ended = false;
  const listener = (signal: NodeJS.Signals) => {
    if (ended) return;
    ended = true;
    end(signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
