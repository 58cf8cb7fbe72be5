import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { assignRoles, type RoleDevices } from "../../network/netplan.ts";
import type { InterfaceStatus } from "../api/status.ts";
import type { KnownCards } from "../machine/known-cards.ts";
import type { LiveInterface, System } from "../machine/system.ts";
import { agentUnit } from "../machine/units.ts";
import { networkReports } from "./network-reports.ts";
import type { StatusStore } from "./status-store.ts";

const refreshMs = 5000;
const figuresMs = 15_000;
/** After somebody last asked, the machine is left alone. */
const interestMs = 60_000;
/**
 * The kernel tells of a change in many messages, and networkd calls a link configured a moment
 * later.
 */
const settleMs = [200, 1500];

/**
 * Keeps the part of the status that changes by itself: links, addresses, the agent's unit, clock,
 * load.
 */
export interface LiveParts {
  system: System;
  clock: Clock;
  log: Log;
  store: StatusStore;
  cards: KnownCards;
  /** What everything was rendered for before this began to look. */
  rendered: Pick<RoleDevices, "lan" | "wan"> | null;
  /** Called when cards came or went since. */
  onDevicesChanged: () => Promise<void>;
}

export class LiveStatus {
  readonly #parts: LiveParts;
  #devices: string | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #linksAtMs = Number.NEGATIVE_INFINITY;
  #figuresAtMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  #again = false;
  #settling = false;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Somebody looks: what is old is read anew, without keeping him waiting. */
  touch(): void {
    const now = this.#parts.clock.monotonicMs();
    this.#askedAtMs = now;
    if (now - this.#linksAtMs > refreshMs) void this.refresh();
  }

  /** Reads links and units now. Calls that come while one runs are answered by one more. */
  refresh(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#read().finally(() => {
      this.#running = null;
      if (!this.#again) return;
      this.#again = false;
      void this.refresh();
    });
    return this.#running;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, system } = this.#parts;
    system.watchInterfaces(() => void this.#settle(signal), signal);
    while (!signal.aborted) {
      await clock.sleep(refreshMs, signal).catch(() => undefined);
      if (!signal.aborted && clock.monotonicMs() - this.#askedAtMs < interestMs)
        await this.refresh();
    }
  }

  async #settle(signal: AbortSignal): Promise<void> {
    if (this.#settling) return;
    this.#settling = true;
    for (const delayMs of settleMs) {
      await this.#parts.clock.sleep(delayMs, signal).catch(() => undefined);
      // What comes from here on begins another round.
      this.#settling = false;
      if (!signal.aborted) await this.refresh();
    }
  }

  /** VLANs do not count: they come and go with the settings. */
  #noticeDevices(live: readonly LiveInterface[], { lan, wan, cards }: RoleDevices): void {
    const before = this.#devices;
    const present = live
      .filter(({ name }) => name !== "lan" && name !== "wan")
      .map(({ name, macAddress, index }) => [name, macAddress, index]);
    this.#devices = JSON.stringify(present);
    const { log, onDevicesChanged, rendered } = this.#parts;
    // A card may have been slower than the start, which rendered without it.
    const changed =
      before === null
        ? rendered !== null && (rendered.lan !== lan || rendered.wan !== wan)
        : before !== this.#devices;
    if (!changed) return;
    log.warning("network cards changed", {
      lan: cards.lan,
      wan: cards.wan,
      present: present.map(([name]) => name),
    });
    onDevicesChanged().catch((error: unknown) =>
      log.error("network not adapted to the cards", { error: String(error) }),
    );
  }

  async #read(): Promise<void> {
    const { system, clock, store, log, cards } = this.#parts;
    const now = clock.monotonicMs();
    this.#linksAtMs = now;
    try {
      const [live, units, guards] = await Promise.all([
        system.interfaces(),
        system.units(agentUnit),
        system.guardCounts().catch(() => null),
      ]);
      const { settings } = store.stored;
      const devices = assignRoles(settings, live);
      const role = (name: string) =>
        name === devices.lan ? "lan" : name === devices.wan ? "wan" : null;
      const interfaces = live.map(
        ({ index: _, mayTake: __, ...entry }): InterfaceStatus => ({
          ...entry,
          role: role(entry.name),
        }),
      );
      const reports = networkReports(
        settings,
        interfaces,
        await cards.observe(live, devices),
        guards,
      );
      const unit = units.find(({ name }) => name === agentUnit)?.activeState ?? "inactive";
      store.update({ interfaces, guards, networkReports: reports, agentUnit: unit });
      this.#noticeDevices(live, devices);
      if (now - this.#figuresAtMs < figuresMs) return;
      this.#figuresAtMs = now;
      const [synchronized, host] = await Promise.all([
        system.clockSynchronized(),
        system.hostFigures(),
      ]);
      store.update({ clock: { synchronized }, host });
    } catch (error) {
      log.warning("machine not read", { error: String(error) });
    }
  }
}
