import type { InterfaceStatus } from "../../../src/configd/api/status.ts";
import type { InterfacePath, Role } from "../../../src/settings/fields/placed-fields.ts";
import type { PathOf } from "../../../src/settings/form.ts";
import type { Context } from "../../contract/contract.ts";
import type { ChoiceDefinition, FieldDefinition } from "../../fields/form.ts";
import { fieldWords, settingField } from "../shared/setting-field.ts";
import { assignedCards, cardsAmong } from "./cards.ts";

/** `more` is no setting: it shows the fields that most networks do not need. */
export type Name = PathOf<"network"> | "more";
export type Texts = Readonly<Record<Name, string>>;

/** The fields that are offered now: they follow from the choices, and from the cards there are. */
export function networkFields(texts: Texts, context: Context): FieldDefinition<Name>[] {
  const { words, status } = context;
  const nics = status?.interfaces ?? [];
  const split = texts["network.mode"] === "split";
  const more: ChoiceDefinition<Name> = {
    kind: "choice",
    name: "more",
    label: "network.more",
    hint: words.say("network.hint.more"),
    help: "help.network.more",
    options: [
      { value: "no", label: words.say("form.no") },
      { value: "yes", label: words.say("form.yes") },
    ],
  };
  return [
    ...(nics.length > 1 || split ? [settingField("network.mode", words)] : []),
    ...roleFields("lan", texts, context),
    ...(split ? roleFields("wan", texts, context) : []),
    settingField("hostname", words),
    more,
  ];
}

function roleFields(role: Role, texts: Texts, context: Context): FieldDefinition<Name>[] {
  const { words, status } = context;
  const textOf = (path: InterfacePath) => texts[`network.${role}.${path}`];
  const field = (path: InterfacePath, hint?: string): FieldDefinition<Name> => {
    const definition = settingField(`network.${role}.${path}`, words);
    return hint === undefined ? definition : { ...definition, hint };
  };
  const split = texts["network.mode"] === "split";
  const isStatic = textOf("ipv4.method") === "static";
  const fields: FieldDefinition<Name>[] = [];
  const nics = status?.interfaces ?? [];
  // The only card needs no choice, unless it is another one than before.
  const isReplaced = nics.some(({ standsFor }) => (standsFor ?? null) !== null);
  const isMissing = nics.length > 0 && assignedCards(texts, nics)[role] === undefined;
  if (nics.length > 1 || split || isReplaced || isMissing || textOf("macAddress") !== "")
    fields.push(cardField(role, texts, context));
  fields.push(methodField(field("ipv4.method"), texts.more === "yes", textOf("ipv4.method")));
  if (isStatic) {
    const optional = split && role === "lan";
    fields.push(
      field("ipv4.address"),
      field("ipv4.gateway", optional ? words.say("network.hint.gatewayOptional") : undefined),
    );
  }
  fields.push(
    field("dns.servers", isStatic ? undefined : words.say("network.hint.dnsLease")),
    field("dns.search"),
  );
  if (texts.more !== "yes") return fields;
  fields.push(field("ipv6.method"));
  if (textOf("ipv6.method") === "static") fields.push(field("ipv6.address"), field("ipv6.gateway"));
  fields.push(field("vlan"), field("mtu"), field("routes"));
  return fields;
}

/** Without IPv4 there must be IPv6: an operator who wants that has looked for it. */
function methodField(
  definition: FieldDefinition<Name>,
  more: boolean,
  chosen: string,
): FieldDefinition<Name> {
  if (definition.kind !== "choice" || more || chosen === "off") return definition;
  return { ...definition, options: definition.options.filter(({ value }) => value !== "off") };
}

/**
 * The choice among the cards of the machine; a card that the settings name and that is gone is still
 * shown.
 */
function cardField(role: Role, texts: Texts, context: Context): ChoiceDefinition<Name> {
  const { words, status } = context;
  const path = `network.${role}.macAddress` as const;
  const mac = texts[path];
  const interfaces = status?.interfaces ?? [];
  const nics = cardsAmong(interfaces);
  const gone = mac !== "" && !nics.some(({ macAddress }) => macAddress === mac);
  return {
    ...fieldWords(path, words),
    kind: "choice",
    hint: cardHint(role, texts, context),
    list: true,
    note: cardNote(gone, role, assignedCards(texts, interfaces), context),
    options: [
      { value: "", label: firstCardText(role, texts, context) },
      ...nics.map((nic) => ({ value: nic.macAddress, label: cardText(nic, words) })),
      ...(gone ? [{ value: mac, label: mac }] : []),
    ],
  };
}

function cardHint(role: Role, texts: Texts, { words }: Context): string {
  if (texts["network.mode"] !== "split") return fieldWords("network.lan.macAddress", words).hint;
  return words.say(role === "lan" ? "network.hint.nicLan" : "network.hint.nicWan");
}

/** The choice of no card by name, with the card that the role gets by it. */
function firstCardText(role: Role, texts: Texts, { words, status }: Context): string {
  const unnamed = { ...texts, [`network.${role}.macAddress`]: "" };
  const first = assignedCards(unnamed, status?.interfaces ?? [])[role];
  if (first === undefined) return words.say("network.nicFirstNone");
  const { name, macAddress } = first;
  return words.say(texts["network.mode"] === "split" ? "network.nicFree" : "network.nicFirst", {
    name,
    mac: macAddress,
  });
}

function cardNote(
  gone: boolean,
  role: Role,
  assigned: Readonly<Record<Role, InterfaceStatus | undefined>>,
  { words, status }: Context,
): string | undefined {
  if (gone) return words.say("network.note.gone");
  const present = assigned[role];
  if (present === undefined || present.linkUp) return undefined;
  const taken = [assigned.lan?.macAddress, assigned.wan?.macAddress];
  const other = cardsAmong(status?.interfaces ?? []).find(
    ({ linkUp, macAddress }) => linkUp && !taken.includes(macAddress),
  );
  return other === undefined
    ? words.say("network.note.link")
    : words.say("network.note.linkOther", { other: other.name });
}

/** A card as people recognise it: name, MAC address, link, driver and place. */
export function cardText(
  { name, macAddress, linkUp, driver, pciAddress }: InterfaceStatus,
  words: Context["words"],
): string {
  const card = words.say("network.nicOption", {
    name,
    mac: macAddress,
    link: words.say(linkUp ? "home.linkUp" : "home.linkDown"),
  });
  return [card, driver, pciAddress].filter((part) => part !== null).join("  ");
}
