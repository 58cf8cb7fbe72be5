/** Writes lines to the journal. Never put a secret into `facts`: they are printed unchanged. */
export interface Log {
  info(event: string, facts?: Record<string, unknown>): void;
  warning(event: string, facts?: Record<string, unknown>): void;
  error(event: string, facts?: Record<string, unknown>): void;
}

/** sd-daemon(3) priorities: journald reads the `<N>` prefix of each line. */
const priorities = { info: 6, warning: 4, error: 3 } as const;

export function journalLog(
  write: (line: string) => void = (line) => process.stderr.write(line),
): Log {
  const line =
    (level: keyof typeof priorities) =>
    (event: string, facts: Record<string, unknown> = {}) => {
      const details = Object.entries(facts).map(
        ([name, value]) => `${name}=${JSON.stringify(value) ?? "undefined"}`,
      );
      write(`<${priorities[level]}>${[event, ...details].join(" ")}\n`);
    };
  return { info: line("info"), warning: line("warning"), error: line("error") };
}

export const silentLog: Log = {
  info: () => undefined,
  warning: () => undefined,
  error: () => undefined,
};
