import type { Configuration, ReplyKey } from "../../protocol/schemas/common.ts";
import type { Store } from "../store/store.ts";
import type { PlatformAddresses } from "./directory.ts";

const defaultIntervalSeconds = 180;
export const intervalBounds = { minimum: 30, maximum: 86_400 } as const;
const setting = "configuration";

/**
 * The configuration that appliances fetch. Its version grows with every change, also with one that
 * comes from other options at the start.
 */
export class ApplianceConfiguration {
  readonly #store: Store;
  readonly #replyKeys: ReplyKey[];
  readonly #addresses: PlatformAddresses;
  #current: Configuration;

  private constructor(
    store: Store,
    addresses: PlatformAddresses,
    replyKeys: ReplyKey[],
    current: Configuration,
  ) {
    this.#store = store;
    this.#addresses = addresses;
    this.#replyKeys = replyKeys;
    this.#current = current;
  }

  static async load(
    store: Store,
    addresses: PlatformAddresses,
    replyKeys: ReplyKey[],
  ): Promise<ApplianceConfiguration> {
    const kept = await store.settings.read(setting);
    const { version, intervalSeconds } = numbersOf(kept);
    const base: Configuration = {
      version,
      intervalSeconds,
      directory: addresses.directory,
      replyKeys,
    };
    const configuration = new ApplianceConfiguration(store, addresses, replyKeys, base);
    if (JSON.stringify(kept) !== JSON.stringify(base)) await configuration.#change(intervalSeconds);
    return configuration;
  }

  get current(): Configuration {
    return this.#current;
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

  async #change(intervalSeconds: number): Promise<void> {
    const next = {
      version: this.#current.version + 1,
      intervalSeconds,
      directory: this.#addresses.directory,
      replyKeys: this.#replyKeys,
    };
    await this.#store.settings.write(setting, next);
    this.#current = next;
  }
}

function numbersOf(kept: unknown): { version: number; intervalSeconds: number } {
  if (typeof kept === "object" && kept !== null && "version" in kept && "intervalSeconds" in kept) {
    const { version, intervalSeconds } = kept;
    if (typeof version === "number" && typeof intervalSeconds === "number")
      return { version, intervalSeconds };
  }
  return { version: 0, intervalSeconds: defaultIntervalSeconds };
}
