import type { EventLog } from "./event-log.ts";

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof exitCodes;

/**
 * Resolves with the first signal that asks this process to end, Ctrl-C and SIGHUP of a closed
 * terminal included.
 */
export function stopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => resolve(signal));
  });
}

/** Runs to the end, to a failure or to a signal, whichever comes first, and gives the exit code. */
export async function untilStopped(
  log: EventLog,
  work: () => Promise<void>,
  explain?: (error: unknown) => Promise<void>,
): Promise<number> {
  const stopped = stopSignal();
  try {
    const signal = await Promise.race([stopped, work().then(() => null)]);
    if (signal !== null) log.write(`ended by ${signal}`);
    return signal === null ? 0 : exitCodes[signal];
  } catch (error) {
    log.write(`failed: ${error instanceof Error ? error.stack : String(error)}`);
    if (explain) await explain(error);
    else
      process.stdout.write(
        `\nThat failed: ${error instanceof Error ? error.message : String(error)}\nThe log is ${log.path}\n`,
      );
    return 1;
  }
}
