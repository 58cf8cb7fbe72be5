import type {
  LiveInterface,
  NetworkFiles,
  System,
  UnitState,
} from "../../../src/configd/machine/system.ts";
import type { GuardCounts } from "../../../src/network/routing/guard-counts.ts";
import type { Routing } from "../../../src/network/split-routing.ts";
import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import type { TypedSettings } from "../../../src/settings/typed-settings.ts";
import type { ZeroTouchDocument } from "../../../src/settings/zero-touch/document.ts";
import { FakeTools } from "../../../src/simulation/fake-tools.ts";
import { idleHealth } from "../health.ts";

/**
 * A machine in memory for tests of configd. `calls` records the calls. Like the real machine, it
 * outlives the configds that are killed over it.
 */
export class FakeSystem implements System {
  readonly simulated: string | null = null;
  readonly tools = new FakeTools();
  readonly calls: string[] = [];
  interfacesNow: LiveInterface[] = [
    fakeInterface("eth0", "52:54:00:00:00:01"),
    fakeInterface("eth1", "52:54:00:00:00:02"),
  ];
  /** The files that networkd runs on. */
  installed: NetworkFiles = new Map();
  routing: Routing | null = null;
  /** The packets that the guards stopped, in split mode. */
  guards: GuardCounts = {
    lan: { packets: 0, bytes: 0, kernelPackets: 0 },
    wan: { packets: 0, bytes: 0, kernelPackets: 0 },
  };
  hostname = "";
  timeServers = "";
  /** The zero-touch documents of hypervisor and volumes. */
  zeroTouch: ZeroTouchDocument[] = [];
  readonly unitStates = new Map<string, UnitState>();
  /** Armed reverters, with the delay of each. */
  readonly armed = new Map<string, number>();
  /** The settings that the doctor tested without their being active. */
  readonly tested: TypedSettings[] = [];
  doctor: () => Promise<CheckResult[]> = async () => [];
  /** Methods that fail, with their errors. */
  readonly failing = new Map<string, Error>();
  readonly changed = new Set<() => void>();

  async interfaces(): Promise<LiveInterface[]> {
    return structuredClone(this.interfacesNow);
  }
  watchInterfaces(changed: () => void, signal: AbortSignal): void {
    this.changed.add(changed);
    signal.addEventListener("abort", () => this.changed.delete(changed));
  }
  /** One file per netplan text shows which settings are active. */
  async generate(netplan: string): Promise<NetworkFiles> {
    this.#call("generate");
    return new Map([["10-netplan-lan.network", netplan]]);
  }
  async install(files: NetworkFiles): Promise<void> {
    this.#call("install");
    this.installed = new Map(files);
    // Like networkd, takes the first interface's address from the netplan text.
    const address = /- "([\d.]+\/\d+)"/.exec([...files.values()].join())?.[1];
    const [first] = this.interfacesNow;
    if (first)
      Object.assign(first, {
        addresses: [address ?? "192.0.2.100/24"],
        origins: [address === undefined ? "dhcp" : "static"],
        dhcp: address === undefined,
      });
    for (const changed of this.changed) changed();
  }
  async setHostname(name: string): Promise<void> {
    this.#call("setHostname");
    this.hostname = name;
  }
  async renewLease(device: string): Promise<void> {
    this.#call("renewLease", device);
  }
  async zeroTouchDocuments(anew: boolean): Promise<ZeroTouchDocument[]> {
    this.#call("zeroTouchDocuments", anew ? "anew" : "first");
    return this.zeroTouch;
  }
  async setTimeServers(configuration: string): Promise<void> {
    this.#call("setTimeServers");
    this.timeServers = configuration;
  }
  async loadFirewall(): Promise<void> {
    this.#call("loadFirewall");
  }
  async setRouting(routing: Routing): Promise<void> {
    this.#call("setRouting", routing.split ? "split" : "single");
    this.routing = routing;
  }
  async guardCounts(): Promise<GuardCounts | null> {
    return this.routing?.split ? this.guards : null;
  }
  async forgetGuardCounts(): Promise<void> {
    this.#call("forgetGuardCounts");
    this.guards = {
      lan: { packets: 0, bytes: 0, kernelPackets: 0 },
      wan: { packets: 0, bytes: 0, kernelPackets: 0 },
    };
  }
  async startUnit(name: string): Promise<void> {
    this.#call("startUnit", name);
    this.unitStates.set(name, { name, activeState: "active", result: "success" });
  }
  async stopUnit(name: string): Promise<void> {
    this.#call("stopUnit", name);
    this.unitStates.set(name, { name, activeState: "inactive", result: "success" });
  }
  async restartUnit(name: string): Promise<void> {
    this.#call("restartUnit", name);
    this.unitStates.set(name, { name, activeState: "active", result: "success" });
  }
  async signalUnit(name: string, signal: "SIGUSR2"): Promise<void> {
    this.#call("signalUnit", name, signal);
  }
  async units(pattern: string): Promise<UnitState[]> {
    const shape = new RegExp(
      `^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`,
    );
    return [...this.unitStates.values()].filter(({ name }) => shape.test(name));
  }
  async resetFailed(name: string): Promise<void> {
    this.#call("resetFailed", name);
    if (this.unitStates.get(name)?.activeState === "failed") this.unitStates.delete(name);
  }
  async armReverter(id: string, delayMs: number): Promise<void> {
    this.#call("armReverter");
    this.armed.set(id, delayMs);
  }
  async disarmReverter(id: string): Promise<void> {
    this.#call("disarmReverter");
    this.armed.delete(id);
  }
  async journal(_lines: number): Promise<string> {
    return "";
  }

  async power(action: "reboot" | "poweroff"): Promise<void> {
    this.#call("power", action);
  }
  async runDoctor(): Promise<CheckResult[]> {
    this.#call("runDoctor");
    return this.doctor();
  }
  async testTyped(typed: TypedSettings): Promise<CheckResult[]> {
    this.#call("testTyped");
    this.tested.push(typed);
    return this.doctor();
  }
  async clockSynchronized(): Promise<boolean> {
    return true;
  }
  async hostFigures() {
    return idleHealth;
  }
  async seal(_name: string, secret: Uint8Array): Promise<Uint8Array> {
    return Buffer.concat([Buffer.from("fake-sealed:"), secret]);
  }
  async unseal(_name: string, sealed: Uint8Array): Promise<Uint8Array> {
    return sealed.subarray("fake-sealed:".length);
  }

  #call(name: string, ...words: string[]): void {
    this.calls.push([name, ...words].join(" "));
    const failure = this.failing.get(name);
    if (failure) throw failure;
  }
}

export function fakeInterface(
  name: string,
  macAddress: string,
  facts: Partial<LiveInterface> = {},
): LiveInterface {
  const hardware = { pciAddress: null, driver: "virtio_net", speedMbps: 1000 };
  const leased = {
    state: "configured",
    addresses: ["192.0.2.100/24"],
    origins: ["dhcp" as const],
    gateways: ["192.0.2.1"],
    gateway: "192.0.2.1",
    dns: ["192.0.2.1"],
    timeServers: [],
    dhcp: true,
  };
  return { name, macAddress, linkUp: true, ...hardware, ...leased, ...facts };
}
