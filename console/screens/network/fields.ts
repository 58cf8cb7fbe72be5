import type { InterfaceStatus } from "../../../src/configd/api/status.ts";
import type { InterfacePath, Role } from "../../../src/settings/fields/placed-fields.ts";
import type { PathOf } from "../../../src/settings/form.ts";
import type { Context } from "../../contract/contract.ts";
import type { ChoiceDefinition, FieldDefinition } from "../../fields/form.ts";
import { fieldWords, settingField } from "../shared/setting-field.ts";

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
  if ((status?.interfaces.length ?? 0) > 1 || split || textOf("macAddress") !== "")
    fields.push(cardField(role, textOf("macAddress"), context));
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
function cardField(role: Role, mac: string, { words, status }: Context): ChoiceDefinition<Name> {
  const nics = (status?.interfaces ?? []).filter(isCard);
  const chosen = nics.find(({ macAddress }) => macAddress === mac);
  const present = chosen ?? (mac === "" ? cardOfRole(role, nics) : undefined);
  const first = cardOfRole(role, nics);
  const gone = mac !== "" && chosen === undefined;
  const common = fieldWords(`network.${role}.macAddress`, words);
  return {
    ...common,
    kind: "choice",
    hint: role === "lan" ? common.hint : words.say("network.hint.nicWan"),
    list: true,
    note: cardNote(gone, present, words),
    options: [
      {
        value: "",
        label: first
          ? words.say("network.nicFirst", { name: first.name })
          : words.say("network.nicFirstNone"),
      },
      ...nics.map((nic) => ({ value: nic.macAddress, label: cardText(nic, words) })),
      ...(gone ? [{ value: mac, label: mac }] : []),
    ],
  };
}

function cardNote(
  gone: boolean,
  present: InterfaceStatus | undefined,
  words: Context["words"],
): string | undefined {
  if (gone) return words.say("network.note.gone");
  return present && !present.linkUp ? words.say("network.note.link") : undefined;
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

function cardOfRole(role: Role, nics: readonly InterfaceStatus[]): InterfaceStatus | undefined {
  return (
    nics.find((nic) => nic.role === role) ??
    (role === "lan" ? nics[0] : nics.find((nic) => nic.role === null))
  );
}

/** False for a role's VLAN, which is a device of its own on a card. */
function isCard({ name }: InterfaceStatus): boolean {
  return name !== "lan" && name !== "wan";
}
