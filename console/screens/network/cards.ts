import type { InterfaceStatus } from "../../../src/configd/api/status.ts";
import type { Role } from "../../../src/settings/fields/placed-fields.ts";

type CardTexts = Readonly<
  Record<"network.mode" | "network.lan.macAddress" | "network.wan.macAddress", string>
>;

/** The cards of the machine, without the roles' VLANs: those are devices of their own on a card. */
export function cardsAmong(interfaces: readonly InterfaceStatus[]): InterfaceStatus[] {
  return interfaces.filter(({ name }) => name !== "lan" && name !== "wan");
}

/** Whether a text of the form means this card, or the one whose place it took. */
export function isNamed({ macAddress, standsFor }: InterfaceStatus, named: string): boolean {
  return named !== "" && (macAddress === named || standsFor === named);
}

/**
 * The card that each role gets by the form's texts, as configd assigns them: the named one, or else
 * the role's present one or the first that has no role and may take it, LAN before WAN.
 */
export function assignedCards(
  texts: CardTexts,
  interfaces: readonly InterfaceStatus[],
): Record<Role, InterfaceStatus | undefined> {
  const all = cardsAmong(interfaces);
  const named = { lan: texts["network.lan.macAddress"], wan: texts["network.wan.macAddress"] };
  const split = texts["network.mode"] === "split";
  const free = all.filter(
    (card) => !isNamed(card, named.lan) && !(split && isNamed(card, named.wan)),
  );
  const held = (role: Role) => interfaces.find((nic) => nic.role === role)?.macAddress;
  const takeFree = (role: Role): InterfaceStatus | undefined => {
    const able = free.filter(({ mayTake }) => mayTake === undefined || mayTake.includes(role));
    const card =
      able.find(({ macAddress }) => macAddress === held(role)) ??
      able.find(({ macAddress }) => macAddress !== held(role === "lan" ? "wan" : "lan")) ??
      able[0];
    if (card) free.splice(free.indexOf(card), 1);
    return card;
  };
  const take = (role: Role) =>
    named[role] === "" ? takeFree(role) : all.find((card) => isNamed(card, named[role]));
  const lan = take("lan");
  return { lan, wan: split ? take("wan") : undefined };
}
