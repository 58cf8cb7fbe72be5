import { networkInterfaces } from "node:os";
import { familyOf, isLinkLocal } from "../../base/addresses/neighbours.ts";

/** The IP versions in which this machine can talk to hosts that are on no link of its own. */
export interface OwnFamilies {
  /** Whether the machine has any address at all. */
  any: boolean;
  /** Whether it has an address of the same family as `address`; neighbours need none. */
  has(address: string): boolean;
}

/** Without loopback and link-local addresses: those are there without any network. */
export function ownFamilies(own: readonly string[] = ownAddresses()): OwnFamilies {
  const families = new Set(own.filter((address) => !isLinkLocal(address)).map(familyOf));
  return {
    any: families.size > 0,
    has: (address) =>
      isLinkLocal(address) || isLoopback(address) || families.has(familyOf(address)),
  };
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).flatMap(({ address, internal }) => (internal ? [] : [address])),
  );
}
