import { type Address, parseAddress } from "../../base/addresses/address.ts";

/**
 * Microsoft's sortIpAddressList: IPv6 before IPv4, each in ascending order. false for a list that is
 * empty or holds anything else, as in Chromium.
 */
export function sortAddresses(list: string): string | false {
  const texts = list.split(";").map((text) => text.trim());
  const listed = texts.map((text) => ({ text, address: parseAddress(text) }));
  const read = listed.flatMap(({ text, address }) => (address === null ? [] : { text, address }));
  if (read.length < listed.length) return false;
  const sorted = read.toSorted((one, other) => compare(one.address, other.address));
  return sorted.map(({ text }) => text).join(";");
}

function compare(one: Address, other: Address): number {
  if (one.family !== other.family) return other.family - one.family;
  return Number(one.value > other.value) - Number(one.value < other.value);
}
