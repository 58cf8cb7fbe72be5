import { execa } from "execa";

export interface ProgramRun {
  stdout: string;
  stderr: string;
  /** null when a signal ended it. */
  exitCode: number | null;
  /** The operator stopped it, or its time was over. */
  isCut: boolean;
}

export interface ProgramLimits {
  limitMs: number;
  /** Aborts when the operator stops the tool. */
  stop: AbortSignal;
  /** Sent then. SIGINT has ping print its counts. */
  stopSignal: "SIGINT" | "SIGTERM";
}

/** Of each of the two outputs; more is cut off, and nothing that is meant prints as much. */
const mostCharacters = 100_000;
/** What a stopped program has to print its counts before it is killed. */
const graceMs = 1500;

/**
 * Runs a program within bounds of time and output; stopped, what it printed until then is returned.
 * Rejects only when it cannot be started.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { limitMs, stop, stopSignal }: ProgramLimits,
): Promise<ProgramRun> {
  const child = execa(program, [...args], {
    reject: false,
    stdin: "ignore",
    env: { LC_ALL: "C" },
    maxBuffer: mostCharacters,
  });
  let isCut = false;
  let kill: NodeJS.Timeout | undefined;
  const cut = () => {
    isCut = true;
    child.kill(stopSignal);
    kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
  };
  const limit = setTimeout(cut, limitMs);
  stop.addEventListener("abort", cut, { once: true });
  if (stop.aborted) cut();
  try {
    const result = await child;
    if (result.exitCode === undefined && result.signal === undefined) throw result.cause ?? result;
    return {
      stdout: result.stdout,
      stderr: result.stderr,
      exitCode: result.exitCode ?? null,
      isCut,
    };
  } finally {
    clearTimeout(limit);
    clearTimeout(kill);
    stop.removeEventListener("abort", cut);
  }
}
