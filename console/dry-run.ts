export interface DryRun {
  consoleSocket: string;
  /** Ends the described machine with all that it started. */
  stop(): Promise<void>;
}

const restartCode = 75;
const restartDelayMs = 500;

/**
 * Starts configd over a described machine, as a process of its own beside this one, and keeps it
 * running as systemd would. It is found by its place in the source tree: the image has no dry run.
 */
export async function startDryRun(machine: string): Promise<DryRun> {
  // Asked for only here: on the appliance the console starts without them.
  const { spawn } = process.getBuiltinModule("node:child_process");
  const { existsSync, openSync } = process.getBuiltinModule("node:fs");
  const { createInterface } = process.getBuiltinModule("node:readline");
  const entry = new URL("../src/simulation/main.ts", import.meta.url).pathname;
  if (!existsSync(entry)) throw new Error("the dry run is only in the source tree");
  let root: string | null = null;
  let stopping = false;
  // The screen is the console's: what the described machine has to say goes to a file, if somebody
  // wants it.
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
          const said: { root: string; consoleSocket: string } | { error: string } =
            JSON.parse(line);
          if ("error" in said) reject(new Error(said.error));
          else resolve(said);
        });
      child.once("error", reject);
      child.once("exit", (code) =>
        reject(new Error(`the described machine ${machine} did not start (code ${code})`)),
      );
    });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.once("exit", (code, signal) => {
      if (!stopping && root !== null && (signal !== null || code === restartCode || code === 1))
        setTimeout(restart, restartDelayMs);
    });
    return { child, ready, ended };
  };
  let running = start();
  const restart = () => {
    if (stopping) return;
    running = start();
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
