import { type Fact, fact } from "../../base/messages/facts.ts";
import type { AddressOrigin, InterfaceFacts } from "../../network/live-model.ts";
import type { Check } from "../check/check.ts";
import { duration } from "../check/duration.ts";
import { failed, ok, warning } from "../check/findings.ts";
import type { Lease } from "../path/own-machine.ts";
import { link } from "./link.ts";

/**
 * A server that is there answers a renewal within seconds. RFC 2131 section 4.4.5 repeats one after
 * at least 60 s: a lease that is overdue for longer was asked for twice in vain.
 */
const patienceSeconds = 90;

/** Whether the interface has an IP address, and whether the lease that it is from is renewed. */
export const address: Check = {
  id: "address",
  needs: [link],
  role: "every",
  passive: true,
  subjects: ({ role }) => [{ id: `address:${role}`, subject: `${role.toUpperCase()} address` }],
  async run(subject, path) {
    const { name: device, state, addresses, dhcp } = path.requiredFacts;
    if (addresses.length === 0)
      return [failed(subject, "no-address", fact("no-address-of", { device, state }))];
    const found = addressFacts(path.requiredFacts);
    // An address without a lease that can be read is an address all the same.
    const lease = dhcp ? await path.surroundings.machine.lease(device).catch(() => null) : null;
    if (lease === null) return [ok(subject, found)];
    const facts = [...found, ...leaseFacts(lease)];
    return [
      lease.overdueSeconds > patienceSeconds
        ? warning(subject, "lease-not-renewed", facts)
        : ok(subject, facts),
    ];
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

function leaseFacts({ server, ageSeconds, remainingSeconds, overdueSeconds }: Lease): Fact[] {
  if (remainingSeconds === null) return [];
  const remaining = duration(remainingSeconds);
  const age = duration(ageSeconds);
  const from =
    server === null
      ? fact("lease-known", { age, remaining })
      : fact("lease-from", { server, age, remaining });
  if (overdueSeconds <= patienceSeconds) return [from];
  return [from, fact("lease-overdue", { overdue: duration(overdueSeconds), remaining })];
}
