import test from "ava";
import fc from "fast-check";
import {
  type CardMemory,
  observeCards,
  reportCards,
  settleCards,
  usesOf,
} from "../../src/network/card-memory.ts";
import { assignRoles, type RoleDevices } from "../../src/network/roles.ts";
import { defaultInterface, type Network } from "../../src/settings/model/schema.ts";

interface Card {
  name: string;
  macAddress: string;
  pciAddress?: string;
}
const card = (name: string, macAddress: string): Card => ({ name, macAddress });
const mac = (end: string) => `52:54:00:00:00:${end}`;
/** A card at the hypervisor's slot of this number. */
const at = (slot: number, name: string, end: string): Card => ({
  ...card(name, mac(end)),
  pciAddress: `0000:0${slot}:00.0`,
});
const a = card("eth0", "52:54:00:00:00:0a");
const b = card("eth1", "52:54:00:00:00:0b");
const c = card("eth0", "52:54:00:00:00:0c");
const single: Network = { mode: "single", lan: defaultInterface };
const split: Network = { mode: "split", lan: defaultInterface, wan: defaultInterface };

/** One start of the machine, as boot does it. */
function start(network: Network, cards: readonly Card[], memory: CardMemory, boot: string) {
  const uses = memory.length === 0 ? null : usesOf(cards, memory);
  const devices = assignRoles(
    { network },
    cards.map((each) => ({ ...each, ...uses?.get(each.macAddress) })),
  );
  const after =
    memory.length === 0
      ? settleCards(cards, devices.cards, [], [])
      : observeCards(cards, memory, boot);
  return {
    devices,
    memory: after,
    reports: reportCards(cards, after, boot).map(({ code, role, macAddress }) => [
      code,
      role,
      macAddress,
    ]),
  };
}
const held = ({ cards }: RoleDevices) => [cards.lan, cards.wan];

test("at the first start cards take roles in the hypervisor's order, and nothing is news", (t) => {
  const first = start(split, [a, b], [], "1");
  t.deepEqual(held(first.devices), ["eth0", "eth1"]);
  t.deepEqual(first.reports, []);
});

test("a card that is added before the others takes no role, and is reported until the next start", (t) => {
  const { memory } = start(single, [a], [], "1");
  const moved = card("eth1", a.macAddress);
  const second = start(single, [c, moved], memory, "2");
  t.deepEqual(held(second.devices), ["eth1", null]);
  t.deepEqual(second.reports, [["interface-added", null, c.macAddress]]);
  t.deepEqual(start(single, [c, moved], second.memory, "3").reports, []);
});

test("a role whose card is missing stays without while there is any other card", (t) => {
  const { memory } = start(split, [a, b], [], "1");
  const withoutLan = start(split, [card("eth0", b.macAddress)], memory, "2");
  t.deepEqual(held(withoutLan.devices), [null, "eth0"]);
  t.deepEqual(withoutLan.reports, [["interface-missing", "lan", a.macAddress]]);
  const replaced = start(split, [c, b], memory, "2");
  t.deepEqual(held(replaced.devices), [null, "eth1"]);
  t.deepEqual(
    replaced.reports.map(([code, role]) => [code, role]),
    [
      ["interface-missing", "lan"],
      ["interface-added", null],
    ],
  );
  t.deepEqual(
    start(split, [a, b], replaced.memory, "3").reports.filter(
      ([code]) => code === "interface-added",
    ),
    [],
  );
});

test("when the only card was replaced, the appliance goes on and reports it until settings are kept", (t) => {
  const { memory } = start(single, [a], [], "1");
  const replaced = start(single, [c], memory, "2");
  t.deepEqual(held(replaced.devices), ["eth0", null]);
  t.true(
    replaced.reports.some(
      ([code, role, mac]) =>
        code === "interface-replaced" && role === "lan" && mac === c.macAddress,
    ),
  );
  const again = start(single, [c], replaced.memory, "3");
  t.deepEqual(held(again.devices), ["eth0", null]);
  t.true(again.reports.some(([code]) => code === "interface-replaced"));
  const kept = settleCards([c], again.devices.cards, ["lan"], again.memory);
  t.deepEqual(start(single, [c], kept, "4").reports, []);
});

test("in split mode no card that had the other role takes one over", (t) => {
  const { memory } = start(split, [a, b], [], "1");
  for (const present of [[a], [b]]) {
    const { devices } = start(split, present, memory, "2");
    t.is(devices.cards.lan, present[0] === a ? "eth0" : null);
    t.is(devices.cards.wan, present[0] === b ? "eth1" : null);
  }
});

test("a copied or restored machine in split mode has its roles at the same PCI addresses, and each is reported", (t) => {
  const original = [at(3, "eth0", "01"), at(4, "eth1", "02"), at(5, "eth2", "03")];
  const { memory } = start(split, original, [], "1");
  const copied = [at(3, "eth0", "11"), at(4, "eth1", "12"), at(5, "eth2", "13")];
  for (const boot of ["2", "3"]) {
    const copy = start(split, copied, memory, boot);
    t.deepEqual(held(copy.devices), ["eth0", "eth1"]);
    t.deepEqual(copy.reports, [
      ["interface-replaced", "lan", mac("11")],
      ["interface-replaced", "wan", mac("12")],
    ]);
  }
  // With the original's cards back, nothing is left of it.
  const copy = start(split, copied, memory, "2");
  t.deepEqual(held(start(split, original, copy.memory, "3").devices), ["eth0", "eth1"]);
});

test("a copy of a copy still has the roles, though nobody saved settings in between", (t) => {
  let { memory } = start(split, [at(3, "eth0", "01"), at(4, "eth1", "02")], [], "1");
  for (const tens of ["1", "2", "3"]) {
    const copied = [at(3, "eth0", `${tens}1`), at(4, "eth1", `${tens}2`)];
    const copy = start(split, copied, memory, tens);
    t.deepEqual(held(copy.devices), ["eth0", "eth1"]);
    t.deepEqual(
      copy.reports.filter(([code]) => code === "interface-replaced").map(([, role]) => role),
      ["lan", "wan"],
    );
    memory = copy.memory;
  }
});

const split34 = [at(3, "eth0", "01"), at(4, "eth1", "02")];
const asked: readonly [string, Network, readonly Card[], readonly Card[], (string | null)[]][] = [
  [
    "the card of one role was replaced at its place",
    split,
    split34,
    [at(3, "eth0", "11"), at(4, "eth1", "02")],
    [null, "eth1"],
  ],
  [
    "all cards are new, and at other places",
    split,
    split34,
    [at(6, "eth0", "11"), at(7, "eth1", "12")],
    [null, null],
  ],
  ["all cards are new, and one is missing", split, split34, [at(3, "eth0", "11")], [null, null]],
  ["all cards are new, on no PCI bus", split, [a, b], [c, card("eth1", mac("12"))], [null, null]],
  [
    "two new cards are at one place",
    split,
    split34,
    [at(3, "eth0", "11"), at(3, "eth1", "12"), at(4, "eth2", "13")],
    [null, null],
  ],
  [
    "a card that was here without a role is the only one now",
    single,
    split34,
    [at(4, "eth0", "02")],
    [null, null],
  ],
];
for (const [title, network, before, after, roles] of asked)
  test(`no role moves by itself when ${title}`, (t) => {
    const { memory } = start(network, before, [], "1");
    const now = start(network, after, memory, "2");
    t.deepEqual(held(now.devices), roles);
    t.true(now.reports.some(([code, role]) => code === "interface-missing" && role === "lan"));
    t.false(now.reports.some(([code]) => code === "interface-replaced"));
  });

test("in single mode the card at the place of the one that scanned has its role, beside others", (t) => {
  const { memory } = start(single, split34, [], "1");
  const now = start(single, [at(3, "eth0", "11"), at(4, "eth1", "12")], memory, "2");
  t.deepEqual(held(now.devices), ["eth0", null]);
  t.deepEqual(now.reports, [["interface-replaced", "lan", mac("11")]]);
});

test("settings that name the card that was replaced are taken for the one in its place", (t) => {
  const named: Network = { mode: "single", lan: { ...defaultInterface, macAddress: mac("01") } };
  const { memory } = start(named, [at(3, "eth0", "01")], [], "1");
  t.deepEqual(held(start(named, [at(9, "eth0", "11")], memory, "2").devices), ["eth0", null]);
  const both: Network = {
    mode: "split",
    lan: { ...defaultInterface, macAddress: mac("02") },
    wan: { ...defaultInterface, macAddress: mac("01") },
  };
  const swapped = start(both, split34, [], "1");
  t.deepEqual(held(swapped.devices), ["eth1", "eth0"]);
  const copied = [at(3, "eth0", "11"), at(4, "eth1", "12")];
  t.deepEqual(held(start(both, copied, swapped.memory, "2").devices), ["eth1", "eth0"]);
});

test("a role whose card is gone waits for it when settings are saved that do not give it to another", (t) => {
  const { memory } = start(split, [a, b], [], "1");
  const without = start(split, [c, b], memory, "2");
  t.deepEqual(held(without.devices), [null, "eth1"]);
  const kept = settleCards([c, b], without.devices.cards, ["lan", "wan"], without.memory);
  t.deepEqual(held(start(split, [c, b], kept, "3").devices), [null, "eth1"]);
  const chosen: Network = { ...split, lan: { ...defaultInterface, macAddress: c.macAddress } };
  const { devices } = start(chosen, [c, b], kept, "3");
  t.deepEqual(held(devices), ["eth0", "eth1"]);
  const settled = settleCards([c, b], devices.cards, ["lan", "wan"], kept);
  const after = start(split, [c, b], settled, "4");
  t.deepEqual(held(after.devices), ["eth0", "eth1"]);
  t.deepEqual(after.reports, []);
  // Without WAN nothing waits for its card.
  t.deepEqual(
    settleCards([a], { lan: "eth0", wan: null }, ["lan"], memory).map(({ role }) => role),
    ["lan"],
  );
});

test("however cards come and go, a role is only ever with the card that had it, unless it was the only one", (t) => {
  const macs = fc.subarray(["0a", "0b", "0c", "0d"].map((end) => `52:54:00:00:00:${end}`));
  fc.assert(
    fc.property(
      fc.constantFrom(single, split),
      fc.array(macs, { minLength: 2, maxLength: 6 }),
      (network, starts) => {
        let memory: CardMemory = [];
        let owners: Record<string, string> | null = null;
        for (const [number, present] of starts.entries()) {
          const cards = present.map((macAddress, index) => card(`eth${index}`, macAddress));
          const fresh = memory.length === 0;
          const { devices, memory: after } = start(network, cards, memory, String(number));
          memory = after;
          const now = Object.fromEntries(
            (["lan", "wan"] as const).flatMap((role) =>
              cards
                .filter(({ name }) => name === devices.cards[role])
                .map(({ macAddress }) => [role, macAddress]),
            ),
          );
          if (fresh) owners = cards.length === 0 ? null : now;
          else if (owners !== null) {
            const { lan, wan } = owners;
            if (cards.length > 1 || wan !== undefined)
              t.true(now.lan === undefined || lan === undefined || now.lan === lan);
            t.true(now.wan === undefined || wan === undefined || now.wan === wan);
          }
        }
      },
    ),
  );
});
