import test from "ava";
import { Person } from "./person.ts";
import { inSplitMode } from "./scenes-settings.ts";

const read = (person: Person) => person.screen().replace(/\s+/g, " ");

test("a card without a link is not the only way out: one with a link is offered", async (t) => {
  const person = await Person.at("one-down");
  t.regex(
    read(person),
    /Next: Connect the network card eth0.*Or use eth1 \(its link is up\): press 1/,
  );
  t.regex(
    read(person.press("=1", "tab")),
    /connect it in the hypervisor, or choose eth1 \(its link is up\)/,
  );
});

test("without another card that has a link, none is offered", async (t) => {
  const person = await Person.at("one-down");
  person.change({
    interfaces: person.status.interfaces.map((card) => ({ ...card, linkUp: false })),
  });
  t.regex(read(person), /Next: Connect the network card eth0 in the hypervisor: it has no link\. /);
  t.notRegex(read(person.press("=1", "tab")), /its link is up/);
});

test("in split mode the card that calls home is looked at too, and LAN's is not offered for it", async (t) => {
  const person = await Person.at("two-nics");
  const split = inSplitMode(person.status);
  person.change({
    ...split,
    interfaces: split.interfaces.map((card) =>
      card.role === "wan" ? { ...card, linkUp: false } : { ...card, linkUp: true },
    ),
  });
  t.regex(read(person), /Next: Connect the network card eth1 in the hypervisor: it has no link\. /);
  t.notRegex(read(person), /Or use/);
});
