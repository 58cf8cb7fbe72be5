import test from "ava";
import type { InterfaceStatus, Status } from "../../src/configd/api/status.ts";
import { Person } from "./person.ts";

const newMac = "52:54:00:00:00:91";

async function withCards(
  machine: string,
  change: (cards: readonly InterfaceStatus[], status: Status) => Partial<Status>,
): Promise<Person> {
  const person = await Person.at(machine);
  person.change(change(person.status.interfaces, person.status));
  return person;
}
const named = (status: Status, macAddress: string): Status["settings"] => ({
  ...status.settings,
  network: { mode: "single", lan: { ...status.settings.network.lan, macAddress } },
});

test("when the card of a role is gone, Home names the role and the cards that can have it", async (t) => {
  const person = await withCards("two-nics", (cards) => ({
    interfaces: cards.slice(1).map((card) => ({ ...card, role: null, mayTake: [] })),
  }));
  t.regex(
    person.screen().replace(/\s+/g, " "),
    /The network card of LAN is gone\. Put it back, or press 1 and choose another: eth1 52:54:00:ab:cd:ef/,
  );
});

test("in split mode that holds for WAN too, and without any other card one has to be added", async (t) => {
  const split = (status: Status): Status["settings"] => ({
    ...status.settings,
    network: { mode: "split", lan: status.settings.network.lan, wan: status.settings.network.lan },
  });
  const person = await withCards("two-nics", ([lan, wan], status) => ({
    settings: split(status),
    interfaces:
      lan && wan
        ? [
            { ...lan, role: "lan" },
            { ...wan, role: null, mayTake: [] },
          ]
        : [],
  }));
  t.regex(person.screen(), /The network card of WAN is gone/);
  const alone = await withCards("two-nics", ([lan], status) => ({
    settings: split(status),
    interfaces: lan ? [{ ...lan, role: "lan" }] : [],
  }));
  t.regex(alone.screen(), /Add the adapter again/);
});

test("the first card is the one that configd would take, and none where it takes none", async (t) => {
  const person = await withCards("two-nics", (cards) => ({
    interfaces: cards.slice(1).map((card) => ({ ...card, role: null, mayTake: [] })),
  }));
  person.press("=1");
  t.notRegex(person.screen(), /first card \(eth1/);
  t.regex(person.screen(), /52:54:00:ab:cd:ef/, "it can be chosen all the same");
});

test("the only card can be chosen when it has taken the place of another, which is not offered", async (t) => {
  const before = "52:54:00:12:34:56";
  for (const macAddress of [null, before]) {
    const person = await withCards("one-nic", (cards, status) => ({
      ...(macAddress === null ? {} : { settings: named(status, macAddress) }),
      interfaces: cards.map((card) => ({
        ...card,
        macAddress: newMac,
        standsFor: before,
        mayTake: ["lan"],
      })),
    }));
    person.press("=1");
    t.regex(person.screen(), new RegExp(`Network card.*${newMac}`));
    t.false(person.screen().includes(before), person.screen());
    person.press(...(macAddress === null ? (["right"] as const) : []), "f2");
    const [ask] = person.asked();
    t.is(ask?.verb, "review");
    if (ask?.verb === "review")
      t.is(ask.request.settings.network.lan.macAddress, newMac, person.screen());
  }
});
