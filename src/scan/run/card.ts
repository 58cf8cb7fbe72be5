import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Family } from "../../base/addresses/address.ts";
import type { Outage } from "../schemas.ts";
import { readyIpv6Addresses } from "./ipv6-ready.ts";

export type OutageKind = Outage["kind"];

/** A network card at one moment, as far as a scan depends on it. */
export interface CardState {
  /** The kernel's number of the card; null when it is not there. A card that returns has another. */
  index: number | null;
  linkUp: boolean;
  /** How often the link went down (Linux' carrier_down_count): shows what no look has seen. */
  linkLosses: number;
  /** Of the scan's family and tested, without link-local ones: no target has one of those. */
  addresses: readonly string[];
}

export interface ScanCard {
  readonly name: string;
  /** Looks at the card; cheap, and never throws. */
  look(family: Family): CardState;
}

/** The card as the kernel shows it (Documentation/ABI/testing/sysfs-class-net). */
export class KernelCard implements ScanCard {
  readonly name: string;
  readonly #folder: string;

  constructor(name: string, folder = "/sys/class/net") {
    this.name = name;
    this.#folder = join(folder, name);
  }

  look(family: Family): CardState {
    const index = this.#number("ifindex");
    return {
      index,
      linkUp: this.#number("carrier") === 1,
      linkLosses: this.#number("carrier_down_count") ?? 0,
      addresses: family === 4 ? this.#addresses4() : this.#addresses6(),
    };
  }

  #addresses4(): string[] {
    const all = networkInterfaces()[this.name] ?? [];
    return all.filter(({ family }) => family === "IPv4").map(({ address }) => address);
  }

  #addresses6(): string[] {
    try {
      return readyIpv6Addresses(readFileSync("/proc/self/net/if_inet6", "utf8"), this.name);
    } catch {
      // A kernel without IPv6 has no such file.
      return [];
    }
  }

  #number(file: string): number | null {
    try {
      const text = readFileSync(join(this.#folder, file), "utf8").trim();
      return /^\d{1,15}$/.test(text) ? Number(text) : null;
    } catch {
      // The card is not there, or is switched off: then `carrier` cannot be read.
      return null;
    }
  }
}

/** Why a scan cannot use the card now; null when it can. */
export function faultNow({ index, linkUp, addresses }: CardState): OutageKind | null {
  if (index === null) return "missing";
  if (!linkUp) return "no-link";
  return addresses.length === 0 ? "no-address" : null;
}

/** What happened to the card since `before`, also when it can be used again; null for nothing. */
export function faultSince(before: CardState, now: CardState): OutageKind | null {
  const present = faultNow(now);
  if (present !== null) return present;
  if (now.index !== before.index) return "missing";
  if (now.linkLosses !== before.linkLosses) return "no-link";
  // More addresses disturb nothing; the one that the engine sends from may be any that is gone.
  return before.addresses.every((address) => now.addresses.includes(address)) ? null : "no-address";
}
