import { type Fact, fact } from "../../base/messages/facts.ts";
import type { AddressOrigin, InterfaceFacts } from "../../network/live-model.ts";
import type { Check } from "../check/check.ts";
import { failed, ok } from "../check/findings.ts";
import { link } from "./link.ts";

/** Whether the interface has an IP address. */
export const address: Check = {
  id: "address",
  needs: [link],
  role: "every",
  passive: true,
  subjects: ({ role }) => [{ id: `address:${role}`, subject: `${role.toUpperCase()} address` }],
  run(subject, path) {
    const { name: device, state, addresses } = path.requiredFacts;
    if (addresses.length === 0)
      return [failed(subject, "no-address", fact("no-address-of", { device, state }))];
    return [ok(subject, addressFacts(path.requiredFacts))];
  },
  because: () => fact("after-address"),
};

const originFacts = {
  dhcp: "address-by-dhcp",
  dhcpv6: "address-by-dhcpv6",
  router: "address-by-router",
  static: "address-static",
} as const satisfies Record<AddressOrigin, string>;

/** One fact for each way in which addresses came. */
function addressFacts({ addresses, origins }: InterfaceFacts): Fact[] {
  const originOf = (index: number) => origins[index] ?? "static";
  const ways = [...new Set(addresses.map((_, index) => originOf(index)))];
  return ways.map((way) => {
    const own = addresses.filter((_, index) => originOf(index) === way);
    return fact(originFacts[way], { addresses: own.join(", ") });
  });
}
