import type { Role } from "../../network/roles.ts";
import type { GuardCounts } from "../../network/routing/guard-counts.ts";
import type { Routing } from "../../network/split-routing.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { HealthFigures } from "../../protocol/schemas/health.ts";
import type { ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import type { InterfaceStatus } from "../api/status.ts";
import type { Tools } from "./tools.ts";

/**
 * One network interface as the kernel and networkd have it; its role is the settings' to say.
 * `index` is the kernel's number of it, `mayTake` what roles it may have where the settings name no
 * card.
 */
export type LiveInterface = Omit<InterfaceStatus, "role"> & {
  index?: number;
  mayTake?: readonly Role[];
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
 * All that configd does to the machine besides its own files (settings, secrets, trial, what it
 * renders below /run/outrider): the real one asks systemd, networkd and the kernel; the dry run's
 * keeps a described machine in memory. What fails throws an OutriderError whose detail says what
 * the system said.
 */
export interface System {
  /** Name of the described machine when nothing here is real, else null. */
  readonly simulated: string | null;
  /** What people at the console look at and try out. */
  readonly tools: Tools;

  /** Interfaces without loopback, in the kernel's order. */
  interfaces(): Promise<LiveInterface[]>;
  /**
   * Calls `changed` whenever `interfaces()` may answer otherwise, until `signal` aborts. Calls may
   * be many and spurious.
   */
  watchInterfaces(changed: () => void, signal: AbortSignal): void;

  /**
   * Turns netplan YAML into networkd's files in a scratch folder; changes nothing. Throws
   * `trial-failed` when netplan refuses or warns of conflicting routes.
   */
  generate(netplan: string): Promise<NetworkFiles>;
  /**
   * Makes these the files that networkd runs by: only those that differ are replaced, so that
   * untouched links stay as they are.
   */
  install(files: NetworkFiles): Promise<void>;
  setHostname(name: string): Promise<void>;
  /** Makes this what the time service goes by; it is left alone when that is so already. */
  setTimeServers(configuration: string): Promise<void>;
  /** Asks the DHCP server of this interface for its lease anew. */
  renewLease(device: string): Promise<void>;
  /** Replaces the packet filter's rules by these, all at once. */
  loadFirewall(rules: string): Promise<void>;
  /**
   * Makes these the rules by which packets are routed, marked and stopped, in an order in which
   * none goes astray.
   */
  setRouting(routing: Routing): Promise<void>;
  /** What split mode's guards have stopped; null where there are none. */
  guardCounts(): Promise<GuardCounts | null>;
  /** Lets them count from nothing again. */
  forgetGuardCounts(): Promise<void>;

  startUnit(name: string): Promise<void>;
  stopUnit(name: string): Promise<void>;
  /** Restarts it, or starts it when it does not run. */
  restartUnit(name: string): Promise<void>;
  signalUnit(name: string, signal: "SIGUSR2"): Promise<void>;
  /** Loaded units whose names match a glob, as `outrider-scan@*`, those that failed included. */
  units(pattern: string): Promise<UnitState[]>;
  /** Forgets that a unit failed, so that it can be started anew. */
  resetFailed(name: string): Promise<void>;

  /**
   * Lets `main.ts revert ID` run in `delayMs`, without configd's help; another call with the same
   * id moves the moment.
   */
  armReverter(id: string, delayMs: number): Promise<void>;
  disarmReverter(id: string): Promise<void>;

  /**
   * What hypervisor and volumes offer: what was found when the machine started, or looked for
   * `anew`.
   */
  zeroTouchDocuments(anew: boolean): Promise<ZeroTouchDocument[]>;

  /** The last lines of the appliance's own units in the journal. */
  journal(lines: number): Promise<string>;
  /** Answers when it is under way. */
  power(action: "reboot" | "poweroff"): Promise<void>;
  /** The path checks over what is active now. */
  runDoctor(signal: AbortSignal, only?: string): Promise<CheckResult[]>;
  clockSynchronized(): Promise<boolean>;
  hostFigures(): Promise<HealthFigures>;
  /** Encrypts a secret for this machine, or gives it back as it is where that does not work. */
  seal(name: string, secret: Uint8Array): Promise<Uint8Array>;
  unseal(name: string, sealed: Uint8Array): Promise<Uint8Array>;
}
