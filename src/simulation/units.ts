import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { UnitState } from "../configd/machine/system.ts";

export interface UnitCommand {
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Started again when it fails, as with `Restart=on-failure` (systemd.service(5)). */
  restarts: boolean;
}

interface OwnUnit {
  child: ChildProcess;
  result: string;
  active: boolean;
  /** It was stopped: its end is no failure. */
  stopping: boolean;
}

const restartDelayMs = 1000;
const stopTimeoutMs = 10_000;

/**
 * Stands in for systemd in a simulated run: units are child processes that outlive the configd that
 * started them. Their process ids are in files, so that the next configd finds them.
 */
export class SimulatedUnits {
  readonly #folder: string;
  readonly #commandOf: (name: string) => UnitCommand;
  readonly #own = new Map<string, OwnUnit>();
  #closing = false;

  constructor(folder: string, commandOf: (name: string) => UnitCommand) {
    this.#folder = folder;
    this.#commandOf = commandOf;
    mkdirSync(folder, { recursive: true });
  }

  async start(name: string): Promise<void> {
    if (this.#pidOf(name) !== null) return;
    const { args, environment, restarts } = this.#commandOf(name);
    const child = spawn(process.execPath, [...args], {
      env: { ...process.env, ...environment, OUTRIDER_UNIT: name },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const unit: OwnUnit = { child, result: "success", active: true, stopping: false };
    this.#own.set(name, unit);
    if (child.pid !== undefined) writeFileSync(this.#file(name), String(child.pid));
    child.once("exit", (code, signal) => {
      unit.active = false;
      const failure = signal === null ? "exit-code" : "signal";
      unit.result = code === 0 || unit.stopping ? "success" : failure;
      rmSync(this.#file(name), { force: true });
      if (restarts && !unit.stopping && unit.result !== "success")
        setTimeout(() => this.#restartAfterFailure(name, unit), restartDelayMs).unref();
    });
    await new Promise<void>((resolve) => {
      child.once("spawn", resolve);
      child.once("error", () => resolve());
    });
  }

  #restartAfterFailure(name: string, failed: OwnUnit): void {
    if (!this.#closing && this.#own.get(name) === failed) void this.start(name);
  }

  async stop(name: string): Promise<void> {
    const own = this.#own.get(name);
    if (own) own.stopping = true;
    const pid = this.#pidOf(name);
    if (pid === null) return;
    signalProcess(pid, "SIGTERM");
    const killer = setTimeout(() => signalProcess(pid, "SIGKILL"), stopTimeoutMs);
    if (own?.active) await new Promise<void>((resolve) => own.child.once("exit", () => resolve()));
    else
      while (this.#pidOf(name) !== null)
        await new Promise<void>((resolve) => setTimeout(resolve, 20));
    clearTimeout(killer);
    rmSync(this.#file(name), { force: true });
  }

  signal(name: string, signal: NodeJS.Signals): void {
    const pid = this.#pidOf(name);
    if (pid !== null) signalProcess(pid, signal);
  }

  list(pattern: string): UnitState[] {
    const matches = globMatcher(pattern);
    const names = new Set([...this.#own.keys(), ...this.#running()]);
    return [...names].filter(matches).map((name) => {
      const active = this.#pidOf(name) !== null;
      const result = active ? "success" : (this.#own.get(name)?.result ?? "success");
      const ended = result === "success" ? "inactive" : "failed";
      return { name, activeState: active ? "active" : ended, result };
    });
  }

  forget(name: string): void {
    if (this.#pidOf(name) === null) this.#own.delete(name);
  }

  async stopAll(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#running().map((name) => this.stop(name)));
  }

  #running(): string[] {
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(".pid"))
      .map((file) => file.slice(0, -".pid".length));
  }

  /**
   * The PID of the unit's process, or null when it has ended. The kernel may have given the PID to
   * another process since; the environment shows which one it is.
   */
  #pidOf(name: string): number | null {
    try {
      const pid = Number(readFileSync(this.#file(name), "utf8"));
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      // A zombie's environment is empty.
      return environment.includes(`OUTRIDER_UNIT=${name}`) ? pid : null;
    } catch {
      return null;
    }
  }

  #file(name: string): string {
    return join(this.#folder, `${name}.pid`);
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since its id was read.
  }
}

function globMatcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`);
  return (name) => expression.test(name);
}
