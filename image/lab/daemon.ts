import type { ChildProcess } from "node:child_process";

/** A process that keeps running in a lab. */
export interface Daemon {
  name: string;
  /** Settles when the process has ended. */
  ended: Promise<{ exitCode: number | null; output: string }>;
  output(): string;
  /** Resolves when the output holds the text. */
  waitForOutput(text: string, timeoutMs?: number): Promise<void>;
  /** Sends a signal and waits for the end. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

const outputLimit = 200_000;

/**
 * `pids` lists the processes to signal: the daemon inside the namespaces, not the process that
 * entered them to start it.
 */
export function watchDaemon(
  name: string,
  child: ChildProcess,
  pids: () => Promise<number[]>,
): Daemon {
  let output = "";
  let exited = false;
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of [...watchers]) watcher();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => {
      output = `${output}${data.toString()}`.slice(-outputLimit);
      notify();
    });
  }
  const ended = new Promise<{ exitCode: number | null; output: string }>((resolve) => {
    const finish = (exitCode: number | null) => {
      exited = true;
      resolve({ exitCode, output });
      notify();
    };
    child.once("close", finish);
    child.once("error", (error) => {
      output += String(error);
      finish(null);
    });
  });
  return {
    name,
    ended,
    output: () => output,
    async waitForOutput(text, timeoutMs = 20_000) {
      await new Promise<void>((resolve, reject) => {
        const finish = (problem?: string) => {
          clearTimeout(timer);
          watchers.delete(check);
          if (problem === undefined) resolve();
          else reject(new Error(`${name} ${problem}: ${output.slice(-1500) || "without a word"}`));
        };
        const check = () => {
          if (output.includes(text)) finish();
          else if (exited) finish(`ended before it printed "${text}"`);
        };
        const timer = setTimeout(
          () => finish(`did not say "${text}" within ${timeoutMs} ms`),
          timeoutMs,
        );
        watchers.add(check);
        check();
      });
    },
    async end(signal) {
      for (const pid of await pids()) {
        try {
          process.kill(pid, signal);
        } catch {
          // It has ended meanwhile.
        }
      }
      await ended;
    },
  };
}
