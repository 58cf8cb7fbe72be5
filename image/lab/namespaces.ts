import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Daemon, watchDaemon } from "./daemon.ts";

const here = dirname(fileURLToPath(import.meta.url));

export interface CommandResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

export interface RunOptions {
  /** Network namespace to run in; the one with the bridges when absent. */
  host?: string;
  input?: string;
  timeoutMs?: number;
  /** Returns a failure instead of throwing it. */
  mayFail?: boolean;
  env?: Record<string, string>;
}

/**
 * A lab's namespaces. They die with this process, however it ends: the holder is killed by the
 * kernel when its parent is (PR_SET_PDEATHSIG), and ends when its standard input does.
 */
export class Namespaces {
  readonly name: string;
  readonly #holder: ChildProcess;
  readonly #janitor: ChildProcess;
  /** The holder's PID as this process sees it. */
  readonly pid: number;

  private constructor(name: string, holder: ChildProcess, janitor: ChildProcess, pid: number) {
    this.name = name;
    this.#holder = holder;
    this.#janitor = janitor;
    this.pid = pid;
  }

  static async open(trees: { system: string; peers: string }): Promise<Namespaces> {
    const name = `outrider-lab-${process.pid}-${randomBytes(3).toString("hex")}`;
    // A process group of its own: Ctrl-C at the terminal must not reach it.
    const janitor = spawn("unshare", ["--mount", "sh", join(here, "janitor.sh"), name], {
      detached: true,
    });
    await firstLine(janitor, "the lab's cgroup");
    const inside = ["sh", join(here, "holder.sh"), trees.system, trees.peers];
    const namespaces = ["--pid", "--fork", "--kill-child", "--mount", "--net", "--ipc", "--uts"];
    const holder = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", "--", "unshare", ...namespaces, ...inside],
      { detached: true },
    );
    try {
      await firstLine(holder, "the lab's namespaces");
      const [child] = await childrenOf(holder.pid ?? 0);
      if (child === undefined) throw new Error("the lab's first process is not there");
      return new Namespaces(name, holder, janitor, child);
    } catch (error) {
      holder.kill("SIGKILL");
      janitor.stdin?.end();
      throw error;
    }
  }

  /** The command line that runs a command inside the namespaces. */
  command(command: readonly string[], host?: string): [string, ...string[]] {
    const inHost = host === undefined ? [] : ["nsenter", `--net=/run/netns/${host}`, "--"];
    return [
      "nsenter",
      "-t",
      String(this.pid),
      "-m",
      "-n",
      "-p",
      "-i",
      "-u",
      "--",
      ...inHost,
      ...command,
    ];
  }

  async run(command: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const [program, ...args] = this.command(command, options.host);
    const result = await collect(program, args, options);
    if (result.exitCode !== 0 && options.mayFail !== true) {
      const said = (result.stderr || result.stdout || "without a word").slice(-1500);
      throw new Error(
        `${command.join(" ").slice(0, 200)} in ${options.host ?? "the lab"} ended with ${result.exitCode}: ${said}`,
      );
    }
    return result;
  }

  async script(text: string, options: Omit<RunOptions, "input"> = {}): Promise<CommandResult> {
    return await this.run(["sh", "-s"], { ...options, input: text });
  }

  /** Runs a program of the peers' tree. */
  async runPeer(command: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    return await this.run(["chroot", "/run/lab/peers", ...command], options);
  }

  spawn(
    name: string,
    command: readonly string[],
    options: { host?: string; env?: Record<string, string> } = {},
  ): Daemon {
    const [program, ...args] = this.command(command, options.host);
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: environment(options.env),
    });
    return watchDaemon(name, child, async () =>
      child.pid === undefined ? [] : await childrenOf(child.pid),
    );
  }

  /** The path of one of the lab's files for this process. */
  path(inside: string): string {
    return `/proc/${this.pid}/root${inside}`;
  }

  /** Ends everything inside, and resolves when it is gone. */
  async close(): Promise<void> {
    // The group of setpriv and unshare; the kernel ends the rest.
    this.#holder.stdin?.destroy();
    this.#holder.kill("SIGKILL");
    await exitOf(this.#holder);
    this.#janitor.stdin?.end();
    await exitOf(this.#janitor);
  }
}

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { PATH: searchPath, LC_ALL: "C.UTF-8", ...more };
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("exit", resolve));
}

async function collect(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<CommandResult> {
  const child = spawn(program, args, {
    detached: true,
    env: environment(options.env),
    timeout: options.timeoutMs ?? 60_000,
    killSignal: "SIGKILL",
  });
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  child.stdout.on("data", (data: Buffer) => chunks.stdout.push(data));
  child.stderr.on("data", (data: Buffer) => chunks.stderr.push(data));
  // It may end without reading.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  const text = (list: Buffer[]) => Buffer.concat(list).toString("utf8").replace(/\n$/, "");
  return { stdout: text(chunks.stdout), stderr: text(chunks.stderr), exitCode };
}

async function firstLine(child: ChildProcess, what: string): Promise<void> {
  let complaint = "";
  child.stderr?.on("data", (data: Buffer) => {
    complaint = `${complaint}${data.toString()}`.slice(-2000);
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("close", () =>
      reject(new Error(`${what} could not be made: ${complaint.trim() || "without a word"}`)),
    );
    child.once("error", reject);
  });
  child.stdout?.resume();
}

/** PIDs of a process's children. */
export async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, "utf8").catch(() => "")),
  );
  return lists.join(" ").split(/\s+/).filter(Boolean).map(Number);
}
