import test from "ava";
import fc from "fast-check";
import { askedHosts } from "../../src/agent/scan-jobs/asked-hosts.ts";
import { formatAddress } from "../../src/base/addresses/address.ts";
import { expandTargets } from "../../src/base/addresses/scan-targets.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";

const up = (address: string): HostObservation => ({
  address,
  hostnames: [],
  reason: "arp-response",
  timedOut: false,
  ports: [],
});
const told = (addresses: readonly string[], targets: string[], exclusions: string[] = []) => {
  const { asked, stranger } = askedHosts(addresses.map(up), { targets, exclusions });
  return { asked: asked.map(({ address }) => address), stranger };
};

test("hosts that the plan asks for are taken, in whatever way it names them", (t) => {
  const addresses = ["192.0.2.10", "192.0.2.65", "2001:db8::10", "2001:DB8:0:0::11"];
  t.deepEqual(told(addresses, ["192.0.2.64/29", "192.0.2.10", "2001:db8::10/124"]), {
    asked: addresses,
    stranger: null,
  });
});

test("a host that nobody asked for, or that is excluded, is left out and named", (t) => {
  const plan = [["192.0.2.0/29"], ["192.0.2.4"]] as const;
  const asked = ["192.0.2.1"];
  for (const stranger of ["192.0.2.8", "192.0.2.4", "198.51.100.1", "2001:db8::1", "no address"])
    t.deepEqual(told(["192.0.2.1", stranger], [...plan[0]], [...plan[1]]), { asked, stranger });
});

test("of any addresses those are taken that the plan's targets have, and no other", (t) => {
  const address = fc.nat(40).map((low) => formatAddress(4, 0xc0000200n + BigInt(low)));
  const target = fc.tuple(address, fc.integer({ min: 27, max: 32 }));
  fc.assert(
    fc.property(
      fc.array(target, { minLength: 1, maxLength: 6 }),
      fc.array(address, { maxLength: 4 }),
      fc.array(address, { maxLength: 40 }),
      (targets, exclusions, hosts) => {
        const texts = targets.map(([first, length]) =>
          length === 32 ? first : `${first}-192.0.2.${60}`,
        );
        const planned = new Set(expandTargets(texts, exclusions));
        const { asked, stranger } = told(hosts, texts, exclusions);
        t.deepEqual(
          asked,
          hosts.filter((each) => planned.has(each)),
        );
        t.is(stranger, hosts.find((each) => !planned.has(each)) ?? null);
      },
    ),
  );
});
