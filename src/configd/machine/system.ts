import type { GuardCounts } from "../../network/routing/guard-counts.ts";
import type { Routing } from "../../network/split-routing.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { HealthFigures } from "../../protocol/schemas/health.ts";
import type { TypedSettings } from "../../settings/typed-settings.ts";
import type { ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import type { InterfaceStatus } from "../api/status.ts";
import type { Tools } from "./tools.ts";

/** A network interface as the kernel and networkd have it. Its role follows from the settings. */
export type LiveInterface = Omit<InterfaceStatus, "role"> & {
  /** The kernel's number of the device. */
  index?: number;
  leasedRoutes?: readonly string[];
};

/** Files of /run/systemd/network by name, as netplan's generator makes them. */
export type NetworkFiles = ReadonlyMap<string, string>;

export interface UnitState {
  /** As `outrider-agent.service`. */
  name: string;
  /** systemd's ActiveState: active, activating, failed, inactive, ... */
  activeState: string;
  /** systemd's Result: success, exit-code, signal, timeout, oom-kill, ... */
  result: string;
}

/**
 * Everything that configd does to the machine besides writing its own files (settings, secrets,
 * trial, files below /run/outrider). RealSystem uses systemd, networkd and the kernel; the simulation
 * keeps a described machine in memory. Methods throw an OutriderError with the system's message as
 * its detail.
 */
export interface System {
  /** Name of the described machine in a simulated run, else null. */
  readonly simulated: string | null;
  /** The console's tools. */
  readonly tools: Tools;

  /** Interfaces without loopback, in the kernel's order. */
  interfaces(): Promise<LiveInterface[]>;
  /**
   * Calls `changed` whenever the result of `interfaces()` may have changed, until `signal` aborts.
   * Some calls come without a change.
   */
  watchInterfaces(changed: () => void, signal: AbortSignal): void;

  /**
   * Turns netplan YAML into networkd's files in a scratch folder; changes nothing. Throws
   * OutriderError "trial-failed" when netplan refuses it or warns of conflicting routes.
   */
  generate(netplan: string): Promise<NetworkFiles>;
  /** Installs networkd's files. Replaces only those that differ, so that other links stay up. */
  install(files: NetworkFiles): Promise<void>;
  setHostname(name: string): Promise<void>;
  /** Configures the time service; leaves it alone when the configuration is the same. */
  setTimeServers(configuration: string): Promise<void>;
  /** Renews the DHCP lease of a device. */
  renewLease(device: string): Promise<void>;
  /** Replaces the packet filter's rules at once. */
  loadFirewall(rules: string): Promise<void>;
  /**
   * Sets the policy rules and guards, in an order in which no packet leaves by the wrong device.
   */
  setRouting(routing: Routing): Promise<void>;
  /** Counts of the packets that the guards stopped; null without guards. */
  guardCounts(): Promise<GuardCounts | null>;
  /** Resets these counts. */
  forgetGuardCounts(): Promise<void>;

  startUnit(name: string): Promise<void>;
  stopUnit(name: string): Promise<void>;
  /** Restarts a unit, or starts it when it does not run. */
  restartUnit(name: string): Promise<void>;
  signalUnit(name: string, signal: "SIGUSR2"): Promise<void>;
  /** Loaded units whose names match a glob, as `outrider-scan@*`, including failed ones. */
  units(pattern: string): Promise<UnitState[]>;
  /** Clears the failed state of a unit, so that it can be started again. */
  resetFailed(name: string): Promise<void>;

  /**
   * Has systemd run `main.ts revert ID` after `delayMs`, without configd. Another call with the same
   * id moves the time.
   */
  armReverter(id: string, delayMs: number): Promise<void>;
  disarmReverter(id: string): Promise<void>;

  /**
   * The zero-touch documents of hypervisor and volumes: those collected at the boot, or with `again`
   * collected now. Rejects when the collector did not finish.
   */
  zeroTouchDocuments(again: boolean): Promise<ZeroTouchDocument[]>;

  /** The last lines of the appliance's own units in the journal. */
  journal(lines: number): Promise<string>;
  /** Resolves when the reboot or shutdown has begun. */
  power(action: "reboot" | "poweroff"): Promise<void>;
  /** Runs the doctor over the active settings. */
  runDoctor(signal: AbortSignal, only?: string): Promise<CheckResult[]>;
  /** Runs the doctor over settings that are not active, and leaves the active ones as they are. */
  testTyped(typed: TypedSettings, signal: AbortSignal, only?: string): Promise<CheckResult[]>;
  clockSynchronized(): Promise<boolean>;
  hostFigures(): Promise<HealthFigures>;
  /** Encrypts a secret for this machine; where that does not work, only marks it as plain. */
  seal(name: string, secret: Uint8Array): Promise<Uint8Array>;
  /** Throws OutriderError "sealed-elsewhere" for a secret of another machine, and a damaged one. */
  unseal(name: string, sealed: Uint8Array): Promise<Uint8Array>;
}
