import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../base/clock.ts";
import type { Configuration } from "../../protocol/schemas/common.ts";
import type { Store } from "../store/store.ts";
import type { PlatformAddresses } from "./directory.ts";

const defaultIntervalSeconds = 180;
export const intervalBounds = { minimum: 30, maximum: 86_400 } as const;
const setting = "configuration";

/** By what appliances know the platform. */
export type PlatformTrust = Required<Pick<Configuration, "replyKeys" | "certificateAuthorities">>;

/**
 * The configuration that appliances fetch. Its version grows with every change, also with one that
 * comes from other options at the start.
 */
export class ApplianceConfiguration {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #addresses: PlatformAddresses;
  #current: Configuration;
  #trust: PlatformTrust;
  /** The version that brought the present trust. */
  #trustVersion: number;

  private constructor(
    store: Store,
    addresses: PlatformAddresses,
    clock: Clock,
    current: Configuration,
    trust: PlatformTrust,
    trustVersion: number,
  ) {
    this.#store = store;
    this.#addresses = addresses;
    this.#clock = clock;
    this.#current = current;
    this.#trust = trust;
    this.#trustVersion = trustVersion;
  }

  static async load(
    store: Store,
    addresses: PlatformAddresses,
    trust: PlatformTrust,
    clock: Clock,
  ): Promise<ApplianceConfiguration> {
    const kept = await store.settings.read(setting);
    const { version, intervalSeconds, trustVersion } = numbersOf(kept);
    const { directory } = addresses;
    const base: Configuration = { version, intervalSeconds, directory, ...trust };
    const made = [store, addresses, clock, base, trust, trustVersion] as const;
    const configuration = new ApplianceConfiguration(...made);
    if (isDeepStrictEqual(trustOf(kept), trust)) {
      if (!isDeepStrictEqual(kept, { ...base, trustVersion }))
        await configuration.#change(intervalSeconds);
    } else await configuration.setTrust(trust, true);
    return configuration;
  }

  get current(): Configuration {
    return this.#current;
  }

  /** Whether an appliance with this version of the configuration has the present trust. */
  tellsTrust(version: number): boolean {
    return version >= this.#trustVersion;
  }

  /**
   * The lease of a job, renewed by every contact: three intervals, at least a quarter of an hour.
   */
  get leaseMs(): number {
    return Math.max(15 * 60_000, 3 * this.#current.intervalSeconds * 1000);
  }

  async setInterval(intervalSeconds: number): Promise<void> {
    if (intervalSeconds !== this.#current.intervalSeconds) await this.#change(intervalSeconds);
  }

  /** Tells appliances by what to know the platform from now on. */
  async setTrust(trust: PlatformTrust, always = false): Promise<void> {
    if (always || !isDeepStrictEqual(trust, this.#trust))
      await this.#change(this.#current.intervalSeconds, trust, this.#nextVersion());
  }

  /**
   * Of the time too, because appliances ignore a version below the one that they have: a database
   * that was put back from a backup must not count versions again.
   */
  #nextVersion(): number {
    return Math.max(this.#current.version + 1, Math.floor(this.#clock.nowMs() / 1000));
  }

  async #change(
    intervalSeconds: number,
    trust = this.#trust,
    trustVersion = this.#trustVersion,
  ): Promise<void> {
    const { directory } = this.#addresses;
    const next = { version: this.#nextVersion(), intervalSeconds, directory, ...trust };
    await this.#store.settings.write(setting, { ...next, trustVersion });
    this.#current = next;
    this.#trust = trust;
    this.#trustVersion = trustVersion;
  }
}

interface KeptNumbers {
  version: number;
  intervalSeconds: number;
  trustVersion: number;
}

function numbersOf(kept: unknown): KeptNumbers {
  const numberOf = (name: string): number | null => {
    const value: unknown =
      typeof kept === "object" && kept !== null ? Reflect.get(kept, name) : null;
    return typeof value === "number" ? value : null;
  };
  const version = numberOf("version");
  const intervalSeconds = numberOf("intervalSeconds");
  if (version === null || intervalSeconds === null)
    return { version: 0, intervalSeconds: defaultIntervalSeconds, trustVersion: 0 };
  return { version, intervalSeconds, trustVersion: numberOf("trustVersion") ?? 0 };
}

function trustOf(kept: unknown): unknown {
  if (typeof kept !== "object" || kept === null) return null;
  return {
    replyKeys: Reflect.get(kept, "replyKeys"),
    certificateAuthorities: Reflect.get(kept, "certificateAuthorities"),
  };
}
