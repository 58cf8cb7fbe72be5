import { ignoringAbort } from "../../base/aborted.ts";
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
/** The machine is polled for this long after the last status request. */
const interestMs = 60_000;
/**
 * Delays before reading after a change of a link: the kernel reports a change in many messages, and
 * networkd marks the link as configured a moment later.
 */
const rereadMs = [200, 1500];

export interface LiveParts {
  system: System;
  clock: Clock;
  log: Log;
  store: StatusStore;
  cards: KnownCards;
  /** The devices that the boot rendered for. */
  rendered: Pick<RoleDevices, "lan" | "wan"> | null;
  /** Called when cards came or went since then. */
  onDevicesChanged: () => Promise<void>;
}

/**
 * Keeps the part of the status up to date that changes by itself: links, addresses, the agent's unit,
 * clock, load.
 */
export class LiveStatus {
  readonly #parts: LiveParts;
  #devices: string | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #linksAtMs = Number.NEGATIVE_INFINITY;
  #figuresAtMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  #again = false;
  #rereading = false;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Refreshes old figures in the background when a client polls the status. */
  touch(): void {
    const now = this.#parts.clock.monotonicMs();
    this.#askedAtMs = now;
    if (now - this.#linksAtMs > refreshMs) void this.refresh();
  }

  /** Reads links and units now. Calls during a read cause one more read after it. */
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
    system.watchInterfaces(() => void this.#reread(signal), signal);
    while (!signal.aborted) {
      await clock.sleep(refreshMs, signal).catch(ignoringAbort(signal));
      if (!signal.aborted && clock.monotonicMs() - this.#askedAtMs < interestMs)
        await this.refresh();
    }
  }

  async #reread(signal: AbortSignal): Promise<void> {
    if (this.#rereading) return;
    this.#rereading = true;
    for (const delayMs of rereadMs) {
      await this.#parts.clock.sleep(delayMs, signal).catch(ignoringAbort(signal));
      // Another change from here on starts a new round.
      this.#rereading = false;
      if (!signal.aborted) await this.refresh();
    }
  }

  /** Reports cards that came or went. VLANs do not count: they come and go with the settings. */
  #noticeDevices(live: readonly LiveInterface[], { lan, wan, cards }: RoleDevices): void {
    const before = this.#devices;
    const present = live
      .filter(({ name }) => name !== "lan" && name !== "wan")
      .map(({ name, macAddress, index }) => [name, macAddress, index]);
    this.#devices = JSON.stringify(present);
    const { log, onDevicesChanged, rendered } = this.#parts;
    // The boot may have rendered before a slow card appeared.
    const isChanged =
      before === null
        ? rendered !== null && (rendered.lan !== lan || rendered.wan !== wan)
        : before !== this.#devices;
    if (!isChanged) return;
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
        // nft may be reloading its tables: the status then shows no counts for a moment.
        system.guardCounts().catch(() => null),
      ]);
      const { settings } = store.stored;
      const devices = assignRoles(settings, live);
      const interfaces = live.map(
        ({ index: _, leasedRoutes: __, ...entry }): InterfaceStatus => ({
          ...entry,
          role: roleOf(entry.name, devices),
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

function roleOf(device: string, { lan, wan }: RoleDevices): InterfaceStatus["role"] {
  if (device === lan) return "lan";
  return device === wan ? "wan" : null;
}
