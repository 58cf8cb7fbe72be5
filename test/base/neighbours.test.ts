import test from "ava";
import {
  familyOf,
  isLinkLocal,
  isNeighbour,
  withoutZone,
} from "../../src/base/addresses/neighbours.ts";

const nic = {
  addresses: ["192.0.2.10/24", "2001:db8:0:1::50/64", "203.0.113.7/32"],
  gateways: ["198.51.100.1", "fe80::1%eth0"],
};

test("a neighbour is link-local, in the network of an own address, or a gateway", (t) => {
  for (const host of [
    "192.0.2.1",
    "192.0.2.255",
    "2001:db8:0:1::1",
    "2001:DB8:0:1:ffff::1",
    "fe80::53",
    "fe80::53%eth0",
    "febf::1",
    "169.254.1.1",
    "198.51.100.1",
    "203.0.113.7",
  ])
    t.true(isNeighbour(host, nic), host);
  for (const host of [
    "192.0.3.1",
    "2001:db8:0:2::1",
    "fec0::1",
    "169.255.1.1",
    "198.51.100.2",
    "203.0.113.8",
    "::ffff:192.0.2.1",
    "gateway.example.org",
    "",
  ])
    t.false(isNeighbour(host, nic), host);
});

test("a zone belongs to the link and not to the address", (t) => {
  t.is(withoutZone("fe80::1%eth0"), "fe80::1");
  t.is(withoutZone("192.0.2.1"), "192.0.2.1");
  t.is(familyOf("fe80::1%eth0"), 6);
  t.is(familyOf("192.0.2.1"), 4);
  t.is(familyOf("example.org"), null);
  t.true(isLinkLocal("fe80::1%eth0"));
  t.false(isLinkLocal("2001:db8::1"));
});
