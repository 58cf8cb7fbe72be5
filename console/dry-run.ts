export interface DryRun {
  consoleSocket: string;
  /** Ends the described machine and every process that it started. */
  stop(): Promise<void>;
}

const restartCode = 75;
const restartDelayMs = 500;

/**
 * Starts configd over a described machine as a child process, and restarts it as systemd would.
 * `onOff` is called when the machine was shut down. Works in the source tree only: the image has no
 * dry run.
 */
export async function startDryRun(machine: string, onOff: () => void): Promise<DryRun> {
  // Loaded only here: on the appliance the console starts without these modules.
  const { spawn } = process.getBuiltinModule("node:child_process");
  const { existsSync, openSync } = process.getBuiltinModule("node:fs");
  const { createInterface } = process.getBuiltinModule("node:readline");
  const entry = new URL("../src/simulation/main.ts", import.meta.url).pathname;
  if (!existsSync(entry)) throw new Error("the dry run is only in the source tree");
  let root: string | null = null;
  let stopping = false;
  // The console owns the screen, so the log of the described machine goes to a file, or nowhere.
  const logPath = process.env.OUTRIDER_DRY_RUN_LOG;
  const log = logPath === undefined ? "ignore" : openSync(logPath, "a", 0o600);

  const start = () => {
    const where = root === null ? [] : ["--root", root];
    const child = spawn(process.execPath, [entry, "--machine", machine, "--owned", ...where], {
      stdio: ["pipe", "pipe", log],
    });
    const ready = new Promise<{ root: string; consoleSocket: string }>((resolve, reject) => {
      if (child.stdout)
        createInterface({ input: child.stdout }).once("line", (line) => {
          const first: { root: string; consoleSocket: string } | { error: string } =
            JSON.parse(line);
          if ("error" in first) reject(new Error(first.error));
          else resolve(first);
        });
      child.once("error", reject);
      child.once("exit", (code) =>
        reject(new Error(`the described machine ${machine} did not start (code ${code})`)),
      );
    });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.once("exit", (code, signal) => {
      if (!stopping && root !== null && code === 0) onOff();
      if (!stopping && root !== null && (signal !== null || code === restartCode || code === 1))
        setTimeout(restart, restartDelayMs);
    });
    return { child, ready, ended };
  };
  let running = start();
  const restart = () => {
    if (stopping) return;
    running = start();
    // A machine that does not come up again shows as a configd that does not answer.
    running.ready.catch(() => undefined);
  };

  const first = await running.ready;
  root = first.root;
  return {
    consoleSocket: first.consoleSocket,
    stop: async () => {
      stopping = true;
      running.child.kill("SIGTERM");
      await running.ended;
    },
  };
}
