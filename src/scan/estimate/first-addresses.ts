import { type AddressRange, addressesOf } from "../../base/addresses/ranges.ts";

/** The first `count` addresses of the ranges. */
export function firstAddresses(ranges: readonly AddressRange[], count: number): string[] {
  const addresses: string[] = [];
  if (count === 0) return addresses;
  for (const address of addressesOf(ranges)) {
    addresses.push(address);
    if (addresses.length >= count) break;
  }
  return addresses;
}
