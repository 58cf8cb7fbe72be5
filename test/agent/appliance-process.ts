import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { credentialText } from "../../src/base/credential.ts";
import type { AgentStatus } from "../../src/configd/api/status.ts";
import type { AgentConfiguration } from "../../src/settings/agent-configuration.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { patientMs } from "../testkit/patience.ts";

const main = fileURLToPath(new URL("../testkit/configd/fake-configd-agent.ts", import.meta.url));
const engine = fileURLToPath(new URL("../../src/simulation/nmap.ts", import.meta.url));

export interface Described {
  address: string;
  hostname?: string;
  mac?: string;
  ports: { number: number; service: string; product?: string; version?: string }[];
}

/** Waits until `check` returns a value, polling every 25 ms; fails after `limitMs`. */
export async function until<T>(
  check: () => Promise<T | null | undefined | false>,
  what: string | (() => string),
  limitMs = patientMs,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (performance.now() > deadline)
      throw new Error(
        `waited ${limitMs} ms in vain for ${typeof what === "string" ? what : what()}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** One appliance's agent as a process, with its files in a folder of its own. */
export class ApplianceProcess {
  readonly root: string;
  log = "";
  #process: ChildProcess | null = null;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(
    configuration: Partial<AgentConfiguration>,
    activationCode: string | null,
    targets: readonly Described[],
  ): Promise<ApplianceProcess> {
    const appliance = new ApplianceProcess(await mkdtemp(join(tmpdir(), "outrider-agent-")));
    const { root } = appliance;
    for (const folder of ["run/outrider", "data/outrider/scan", "credentials"])
      await mkdir(join(root, folder), { recursive: true });
    const whole: AgentConfiguration = {
      hostname: "test-box",
      platformUrl: null,
      proxy: { kind: "none" },
      trustedCertificates: [],
      scanDevice: null,
      mode: "single",
      managementDevice: null,
      scanExclusions: [],
      simulated: "test",
      ...configuration,
    };
    await writeFile(join(root, "run/outrider/agent.json"), JSON.stringify(whole));
    if (activationCode !== null)
      await writeFile(join(root, "credentials/activation-code"), credentialText(activationCode));
    await writeFile(join(root, "machine.json"), JSON.stringify({ scanTargets: targets }));
    return appliance;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get running(): boolean {
    return (
      this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  start(environment: Record<string, string> = {}): void {
    const child = spawn(process.execPath, [main], {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        PATH: process.env.PATH ?? "",
        OUTRIDER_ROOT: this.root,
        CREDENTIALS_DIRECTORY: join(this.root, "credentials"),
        OUTRIDER_SIMULATED: "test",
        OUTRIDER_NMAP: engine,
        OUTRIDER_DESCRIBED_MACHINE: join(this.root, "machine.json"),
        OUTRIDER_DESCRIBED_GATE: this.gate,
        ...environment,
      },
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
    });
    this.#process = child;
  }

  /** While this file exists, scans of ports wait. */
  get gate(): string {
    return join(this.root, "gate");
  }

  async kill9(): Promise<void> {
    const child = this.#process;
    if (!child || !this.running) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    // The next process's log must not be mistaken for this one's.
    await rm(join(this.root, "status.json"), { force: true });
  }

  async stop(): Promise<number | null> {
    const child = this.#process;
    if (!child || !this.running) return child?.exitCode ?? null;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
    return child.exitCode;
  }

  async status(): Promise<AgentStatus | null> {
    try {
      return JSON.parse(await readFile(join(this.root, "status.json"), "utf8"));
    } catch {
      return null;
    }
  }

  untilStatus(check: (status: AgentStatus) => boolean, what: string): Promise<AgentStatus> {
    return until(
      async () => {
        const status = await this.status();
        return status && check(status) ? status : null;
      },
      () => `${what}; the agent's log: ${this.log}`,
    );
  }

  async remove(): Promise<void> {
    await this.kill9();
    new FakeConfigd({ folder: join(this.root, "units"), environment: {} }).stopAll();
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}
