import test from "ava";
import { assignRoles, noDevices } from "../../src/network/netplan.ts";
import {
  defaultInterface,
  type InterfaceSettings,
  type Network,
} from "../../src/settings/model/schema.ts";

const [first, second, third] = [
  { name: "eth0", macAddress: "52:54:00:00:00:01" },
  { name: "eth1", macAddress: "52:54:00:00:00:02" },
  { name: "eth2", macAddress: "52:54:00:00:00:03" },
];
const all = [first, second, third];

const single = (lan: Partial<InterfaceSettings> = {}): { network: Network } => ({
  network: { mode: "single", lan: { ...defaultInterface, ...lan } },
});
const split = (
  lan: Partial<InterfaceSettings> = {},
  wan: Partial<InterfaceSettings> = {},
): { network: Network } => ({
  network: {
    mode: "split",
    lan: { ...defaultInterface, ...lan },
    wan: { ...defaultInterface, ...wan },
  },
});
const names = (settings: { network: Network }, cards = all) => {
  const { lan, wan, spare } = assignRoles(settings, cards);
  return [lan, wan, ...spare];
};

test("a role has the card of its MAC address, and when none is named the first that is free, LAN before WAN", (t) => {
  t.deepEqual(names(single()), ["eth0", null, "eth1", "eth2"]);
  t.deepEqual(names(single({ macAddress: second.macAddress })), ["eth1", null, "eth0", "eth2"]);
  t.deepEqual(names(split()), ["eth0", "eth1", "eth2"]);
  t.deepEqual(names(split({ macAddress: second.macAddress })), ["eth1", "eth0", "eth2"]);
  t.deepEqual(names(split({}, { macAddress: first.macAddress })), ["eth1", "eth0", "eth2"]);
  t.deepEqual(names(split({ macAddress: third.macAddress }, { macAddress: first.macAddress })), [
    "eth2",
    "eth0",
    "eth1",
  ]);
});

test("a card that is missing is missed: no other takes its role", (t) => {
  t.deepEqual(names(single({ macAddress: third.macAddress }), [first, second]), [
    null,
    null,
    "eth0",
    "eth1",
  ]);
  t.deepEqual(names(split({}, { macAddress: third.macAddress }), [first, second]), [
    "eth0",
    null,
    "eth1",
  ]);
  t.deepEqual(names(split(), [first]), ["eth0", null]);
  t.deepEqual(assignRoles(split(), []), noDevices);
});

test("with a tag the role's device is the VLAN on its card, and the VLAN is no card itself", (t) => {
  const vlan = { name: "lan", macAddress: first.macAddress };
  t.deepEqual(assignRoles(single({ vlan: 10 }), [vlan, first, second]), {
    lan: "lan",
    wan: null,
    cards: { lan: "eth0", wan: null },
    spare: ["eth1"],
  });
  const { macAddress } = second;
  t.deepEqual(assignRoles(split({ macAddress, vlan: 10 }, { macAddress, vlan: 20 }), all), {
    lan: "lan",
    wan: "wan",
    cards: { lan: "eth1", wan: "eth1" },
    spare: ["eth0", "eth2"],
  });
  t.is(assignRoles(single({ macAddress: third.macAddress, vlan: 10 }), [first]).lan, null);
});
