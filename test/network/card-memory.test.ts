import test from "ava";
import fc from "fast-check";
import {
  type CardMemory,
  observeCards,
  reportCards,
  rolesFor,
  settleCards,
} from "../../src/network/card-memory.ts";
import { assignRoles, type RoleDevices } from "../../src/network/roles.ts";
import { defaultInterface, type Network } from "../../src/settings/model/schema.ts";

interface Card {
  name: string;
  macAddress: string;
}
const card = (name: string, macAddress: string): Card => ({ name, macAddress });
const a = card("eth0", "52:54:00:00:00:0a");
const b = card("eth1", "52:54:00:00:00:0b");
const c = card("eth0", "52:54:00:00:00:0c");
const single: Network = { mode: "single", lan: defaultInterface };
const split: Network = { mode: "split", lan: defaultInterface, wan: defaultInterface };

/** One start of the machine, as boot does it. */
function start(network: Network, cards: readonly Card[], memory: CardMemory, boot: string) {
  const roles = memory.length === 0 ? null : rolesFor(cards, memory);
  const devices = assignRoles(
    { network },
    cards.map((each) =>
      roles === null ? each : { ...each, mayTake: roles.get(each.macAddress) ?? [] },
    ),
  );
  const after =
    memory.length === 0 ? settleCards(cards, devices.cards) : observeCards(cards, memory, boot);
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
  const kept = settleCards([c], again.devices.cards);
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
