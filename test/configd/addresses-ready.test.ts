import test from "ava";
import { areSettled } from "../../src/configd/trial/addresses-ready.ts";
import {
  defaultInterface,
  defaultSettings,
  type InterfaceSettings,
} from "../../src/settings/model/schema.ts";
import { fakeInterface } from "../testkit/configd/fake-system.ts";

const isSettled = (own: Partial<InterfaceSettings>, addresses: string[], dhcp = false) =>
  areSettled(
    {
      ...defaultSettings,
      network: { mode: "single", lan: { ...defaultInterface, ...own } },
    },
    [fakeInterface("eth0", "52:54:00:00:00:01", { addresses, dhcp })],
  );

test("with IPv6 alone the checks of a trial wait for a router's advertisement or a lease", (t) => {
  const automatic = { ipv4: { method: "off" }, ipv6: { method: "automatic" } } as const;
  t.false(isSettled(automatic, []));
  t.true(isSettled(automatic, ["2001:db8:0:1:5054:ff:fe0a:1/64"]));
  t.true(isSettled(automatic, ["2001:db8:0:1::1a0/128"]));
});

test("beside IPv4 nothing waits for a router, since there may be none", (t) => {
  const both = { ipv6: { method: "automatic" } } as const;
  t.true(isSettled(both, ["192.0.2.100/24"], true));
  t.false(isSettled(both, ["2001:db8:0:1:5054:ff:fe0a:1/64"]));
});

test("a static IPv6 address is waited for, with IPv4 and without it", (t) => {
  const ipv6 = { method: "static", address: "2001:db8:0:1::50/64", gateway: "fe80::1" } as const;
  t.false(isSettled({ ipv4: { method: "off" }, ipv6 }, []));
  t.true(isSettled({ ipv4: { method: "off" }, ipv6 }, ["2001:db8:0:1::50/64"]));
  t.false(isSettled({ ipv6 }, ["192.0.2.100/24"], true));
});
