import test from "ava";
import { leaseIn } from "../../src/doctor/ask/lease.ts";

/** As systemd 257 answers `networkctl --json=short status eth0` for a lease of one hour. */
const answer = {
  Name: "eth0",
  Addresses: [
    {
      Family: 2,
      Address: [192, 0, 2, 185],
      PrefixLength: 24,
      ConfigSource: "DHCPv4",
      ConfigProvider: [192, 0, 2, 1],
      ValidLifetimeUSec: 16_078_004_562,
    },
  ],
  DHCPv4Client: {
    Lease: {
      LeaseTimestampUSec: 12_477_893_510,
      Timeout1USec: 14_277_893_510,
      Timeout2USec: 15_627_893_510,
    },
  },
};

test("a lease's age, end and renewal follow from the clock since the boot", (t) => {
  t.deepEqual(leaseIn(answer, 12_490), {
    server: "192.0.2.1",
    ageSeconds: 12,
    remainingSeconds: 3588,
    overdueSeconds: 0,
  });
  t.deepEqual(leaseIn(answer, 15_000), {
    server: "192.0.2.1",
    ageSeconds: 2522,
    remainingSeconds: 1078,
    overdueSeconds: 722,
  });
});

test("without a DHCPv4 address or lease there is none", (t) => {
  t.is(leaseIn({ ...answer, Addresses: [] }, 12_490), null);
  t.is(leaseIn({ ...answer, DHCPv4Client: undefined }, 12_490), null);
  t.is(leaseIn({}, 12_490), null);
  t.is(leaseIn("nonsense", 12_490), null);
  const [address] = answer.Addresses;
  const statically = { ...answer, Addresses: [{ ...address, ConfigSource: "static" }] };
  t.is(leaseIn(statically, 12_490), null);
});

test("a lease for ever has no end", (t) => {
  const [{ ValidLifetimeUSec: _, ...address }] = answer.Addresses as [
    (typeof answer.Addresses)[number],
  ];
  const lease = { ...answer, Addresses: [address] };
  t.is(leaseIn(lease, 12_490)?.remainingSeconds, null);
});
