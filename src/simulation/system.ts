import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readCredential } from "../base/credential.ts";
import type { Log } from "../base/log.ts";
import { writeRunFile } from "../base/run-file.ts";
import type { AppliancePaths } from "../configd/api/paths.ts";
import type { LiveInterface, NetworkFiles, System, UnitState } from "../configd/machine/system.ts";
import type { Tools } from "../configd/machine/tools.ts";
import { agentUnit } from "../configd/machine/units.ts";
import { readNetworkdFiles, replaceNetworkdFiles } from "../network/networkd-files.ts";
import type { GuardCounts } from "../network/routing/guard-counts.ts";
import type { Routing } from "../network/split-routing.ts";
import type { CheckResult } from "../protocol/schemas/check-result.ts";
import type { HealthFigures } from "../protocol/schemas/health.ts";
import type { AgentConfiguration } from "../settings/agent-configuration.ts";
import type { TypedSettings } from "../settings/typed-settings.ts";
import type { ZeroTouchDocument } from "../settings/zero-touch/document.ts";
import { type DescribedMachine, machinesFolder } from "./described-machine.ts";
import { describedDoctor } from "./doctor.ts";
import { describedInterfaces, generateDescribed } from "./network.ts";
import { describedTools } from "./tools.ts";
import { SimulatedUnits, type UnitCommand } from "./units.ts";

export interface SimulatedSystemOptions {
  machine: DescribedMachine;
  paths: AppliancePaths;
  /** The prefix of all paths. */
  root: string;
  log: Log;
  /** Called when the machine restarts or is switched off. */
  onPower?: (action: "reboot" | "poweroff") => void;
}

const sources = new URL("../../", import.meta.url).pathname;

/**
 * configd's `System` over a described machine: files below `root`, child processes as units, a
 * computed network.
 */
export class SimulatedSystem implements System {
  readonly simulated: string;
  readonly tools: Tools;
  readonly #machine: DescribedMachine;
  readonly #paths: AppliancePaths;
  readonly #root: string;
  readonly #onPower: ((action: "reboot" | "poweroff") => void) | undefined;
  readonly #units: SimulatedUnits;
  readonly #startedAtMs = performance.now();
  /** When each interface got its files. Those that were there at the start are not in here. */
  readonly #configuredAtMs = new Map<string, number>();
  #split = false;
  readonly #watchers = new Set<() => void>();

  constructor({ machine, paths, root, onPower }: SimulatedSystemOptions) {
    this.simulated = machine.name;
    this.tools = describedTools(machine);
    this.#machine = machine;
    this.#paths = paths;
    this.#root = root;
    this.#onPower = onPower;
    this.#units = new SimulatedUnits(join(root, "run/units"), (name) => this.#commandOf(name));
  }

  /** Ends every unit: the machine is switched off. */
  async close(): Promise<void> {
    await this.#units.stopAll();
  }

  async interfaces(): Promise<LiveInterface[]> {
    const files = await readNetworkdFiles(this.#paths.networkd);
    const now = performance.now();
    return describedInterfaces(this.#machine, files, (name) => {
      const at = this.#configuredAtMs.get(name);
      return at === undefined ? Number.MAX_SAFE_INTEGER : now - at;
    });
  }

  watchInterfaces(changed: () => void, signal: AbortSignal): void {
    this.#watchers.add(changed);
    signal.addEventListener("abort", () => this.#watchers.delete(changed), { once: true });
  }

  async generate(netplan: string): Promise<NetworkFiles> {
    return generateDescribed(netplan);
  }

  async install(files: NetworkFiles): Promise<void> {
    const first = (await readNetworkdFiles(this.#paths.networkd)).size === 0;
    const { written, removed } = await replaceNetworkdFiles(this.#paths.networkd, files, null);
    if (written.length === 0 && removed.length === 0) return;
    for (const { name, lease } of this.#machine.interfaces) {
      if (!first || performance.now() - this.#startedAtMs > 5000)
        this.#configuredAtMs.set(name, performance.now());
      if (lease !== null) setTimeout(() => this.#announce(), lease.delayMs + 50).unref();
    }
    this.#announce();
  }

  #announce(): void {
    for (const changed of this.#watchers) changed();
  }

  async setHostname(name: string): Promise<void> {
    await mkdir(join(this.#root, "etc"), { recursive: true });
    await writeRunFile(this.#paths.hostname, `${name}\n`, 0o644);
  }

  async renewLease(device: string): Promise<void> {
    this.#configuredAtMs.set(device, performance.now());
    this.#announce();
  }

  async zeroTouchDocuments(): Promise<ZeroTouchDocument[]> {
    return [];
  }

  async setTimeServers(configuration: string): Promise<void> {
    await writeRunFile(this.#paths.timesyncd, configuration, 0o644);
  }

  async loadFirewall(): Promise<void> {}

  async setRouting({ split }: Routing): Promise<void> {
    this.#split = split;
  }

  async guardCounts(): Promise<GuardCounts | null> {
    const nothing = { packets: 0, bytes: 0, kernelPackets: 0 };
    return this.#split ? { lan: nothing, wan: nothing } : null;
  }

  async forgetGuardCounts(): Promise<void> {}

  async startUnit(name: string): Promise<void> {
    if (!this.#isDescribedAgent(name)) await this.#units.start(name);
  }

  async stopUnit(name: string): Promise<void> {
    await this.#units.stop(name);
  }

  async restartUnit(name: string): Promise<void> {
    await this.stopUnit(name);
    await this.startUnit(name);
  }

  async signalUnit(name: string, signal: "SIGUSR2"): Promise<void> {
    this.#units.signal(name, signal);
  }

  async units(pattern: string): Promise<UnitState[]> {
    if (this.#isDescribedAgent(pattern))
      return [{ name: agentUnit, activeState: "active", result: "success" }];
    return this.#units.list(pattern);
  }

  async resetFailed(name: string): Promise<void> {
    this.#units.forget(name);
  }

  async armReverter(id: string, delayMs: number): Promise<void> {
    await this.disarmReverter(id);
    await writeRunFile(this.#reverterDelayFile(id), String(delayMs), 0o600);
    await this.#units.start(reverterUnit(id));
  }

  async disarmReverter(id: string): Promise<void> {
    // The reverter disarms itself when its work is done: it must not wait for its own end.
    if (process.env.OUTRIDER_UNIT !== reverterUnit(id)) await this.#units.stop(reverterUnit(id));
    await rm(this.#reverterDelayFile(id), { force: true });
  }

  async journal(_lines: number): Promise<string> {
    return "";
  }

  async power(action: "reboot" | "poweroff"): Promise<void> {
    setTimeout(() => this.#onPower?.(action), 300);
  }

  async runDoctor(signal: AbortSignal, only?: string): Promise<CheckResult[]> {
    const password = await readCredential(
      join(this.#paths.credentials, "doctor"),
      "proxy-password",
    );
    const now = {
      machine: this.#machine,
      configuration: await readActive(this.#paths.agentConfiguration),
      interfaces: await this.interfaces(),
      proxyPassword: typeof password === "string" ? password : "",
    };
    return describedDoctor(now, signal, only === undefined ? {} : { only });
  }

  async testTyped(
    typed: TypedSettings,
    signal: AbortSignal,
    only?: string,
  ): Promise<CheckResult[]> {
    const now = {
      machine: this.#machine,
      configuration: typed.configuration,
      interfaces: await this.interfaces(),
      proxyPassword: typed.proxyPassword ?? "",
    };
    return describedDoctor(now, signal, { typed, ...(only === undefined ? {} : { only }) });
  }

  async clockSynchronized(): Promise<boolean> {
    return this.#machine.clockSynchronized;
  }

  async hostFigures(): Promise<HealthFigures> {
    const upSeconds = Math.floor((performance.now() - this.#startedAtMs) / 1000);
    return { ...this.#machine.host, uptimeSeconds: this.#machine.host.uptimeSeconds + upSeconds };
  }

  async seal(_name: string, secret: Uint8Array): Promise<Uint8Array> {
    return secret;
  }

  async unseal(_name: string, sealed: Uint8Array): Promise<Uint8Array> {
    return sealed;
  }

  #isDescribedAgent(name: string): boolean {
    return name === agentUnit && this.#machine.agent !== undefined;
  }

  #reverterDelayFile(id: string): string {
    return join(this.#root, "run", `reverter-${id}.delay`);
  }

  #commandOf(name: string): UnitCommand {
    const described = new URL(`${this.#machine.name}.json`, machinesFolder).pathname;
    const environment = {
      OUTRIDER_ROOT: this.#root,
      OUTRIDER_SIMULATED: this.#machine.name,
      OUTRIDER_NMAP: join(sources, "src/simulation/nmap.ts"),
      OUTRIDER_DESCRIBED_MACHINE: described,
      CREDENTIALS_DIRECTORY: join(this.#paths.credentials, "agent"),
    };
    if (name === agentUnit)
      return { args: [join(sources, "src/agent/main.ts")], environment, restarts: true };
    const shard = /^outrider-scan@(.+)\.service$/.exec(name)?.[1];
    if (shard !== undefined)
      return { args: [join(sources, "src/scan/run/main.ts"), shard], environment, restarts: false };
    const trial = /^outrider-revert-(.+)\.service$/.exec(name)?.[1];
    if (trial !== undefined) {
      const args = [
        join(sources, "src/simulation/main.ts"),
        "--machine",
        this.#machine.name,
        "--root",
        this.#root,
        "--revert",
        trial,
        "--after",
        this.#reverterDelayFile(trial),
      ];
      return { args, environment: {}, restarts: false };
    }
    throw new Error(`the simulated machine has no unit ${name}`);
  }
}

function reverterUnit(id: string): string {
  return `outrider-revert-${id}.service`;
}

/** As configd wrote it. */
async function readActive(path: string): Promise<AgentConfiguration> {
  return JSON.parse(await readFile(path, "utf8"));
}
