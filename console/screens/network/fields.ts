import type { InterfaceStatus } from "../../../src/configd/api/status.ts";
import type { InterfaceForm, NetworkField } from "../../../src/settings/form.ts";
import type { Context } from "../../contract/contract.ts";
import type { ChoiceDefinition, FieldDefinition, TextDefinition } from "../../fields/form.ts";
import {
  addressRules,
  addressWithMaskRules,
  anyAddressListRules,
  domainListRules,
  hostnameRules,
  ipv6Rules,
  ipv6WithPrefixRules,
  numberRules,
  routeListRules,
} from "../../fields/rules.ts";
import type { TextRules } from "../../fields/text-field.ts";
import type { PlainKey } from "../../words/words.ts";

/** `more` is no setting: it shows the fields that most networks do not need. */
export type Name = NetworkField | "more";
export type Role = "lan" | "wan";
export type Texts = Readonly<Record<Name, string>>;

/** What is offered now: it follows from what was chosen, and from the cards that are there. */
export function networkFields(texts: Texts, context: Context): FieldDefinition<Name>[] {
  const { words, status } = context;
  const nics = status?.interfaces ?? [];
  const split = texts.mode === "split";
  const mode: ChoiceDefinition<Name> = {
    kind: "choice",
    name: "mode",
    label: "network.mode",
    hint: words.say("network.hint.mode"),
    help: "help.network.mode",
    options: [
      { value: "single", label: words.say("network.modeSingle") },
      { value: "split", label: words.say("network.modeSplit") },
    ],
  };
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
  const hostname: TextDefinition<Name> = {
    kind: "text",
    name: "hostname",
    label: "network.hostname",
    hint: words.say("network.hint.hostname"),
    help: "help.network.hostname",
    rules: hostnameRules,
    width: 34,
  };
  return [
    ...(nics.length > 1 || split ? [mode] : []),
    ...roleFields("lan", texts, context),
    ...(split ? roleFields("wan", texts, context) : []),
    hostname,
    more,
  ];
}

function roleFields(role: Role, texts: Texts, context: Context): FieldDefinition<Name>[] {
  const { words, status } = context;
  const name = (field: keyof InterfaceForm): Name => `${role}.${field}`;
  const is = (field: keyof InterfaceForm, value: string) => texts[name(field)] === value;
  const text = (
    field: keyof InterfaceForm,
    label: PlainKey,
    hint: PlainKey,
    help: PlainKey,
    rules: TextRules,
    width: number,
  ): TextDefinition<Name> => ({
    kind: "text",
    name: name(field),
    label,
    hint: words.say(hint),
    help,
    rules,
    width,
  });
  const fields: FieldDefinition<Name>[] = [];
  if ((status?.interfaces.length ?? 0) > 1 || texts.mode === "split" || !is("nic", ""))
    fields.push(cardField(role, texts[name("nic")], context));
  fields.push({
    kind: "choice",
    name: name("ipv4Method"),
    label: "network.method",
    hint: words.say("network.hint.method"),
    help: "help.network.method",
    options: [
      { value: "dhcp", label: words.say("network.methodDhcp") },
      { value: "static", label: words.say("network.methodStatic") },
      // Without IPv4 there must be IPv6: whoever wants that has looked for it.
      ...(texts.more === "yes" || is("ipv4Method", "off")
        ? [{ value: "off", label: words.say("network.methodOff") }]
        : []),
    ],
  });
  if (is("ipv4Method", "static")) {
    fields.push(
      text(
        "ipv4Address",
        "network.address",
        "network.hint.address",
        "help.network.address",
        addressWithMaskRules,
        34,
      ),
    );
    const optional = texts.mode === "split" && role === "lan";
    fields.push(
      text(
        "ipv4Gateway",
        "network.gateway",
        optional ? "network.hint.gatewayOptional" : "network.hint.gateway",
        "help.network.gateway",
        addressRules,
        16,
      ),
    );
  }
  const dnsHint = is("ipv4Method", "static") ? "network.hint.dns" : "network.hint.dnsLease";
  fields.push(
    text("dnsServers", "network.dns", dnsHint, "help.network.dns", anyAddressListRules, 48),
  );
  fields.push(
    text(
      "searchDomains",
      "network.search",
      "network.hint.search",
      "help.network.search",
      domainListRules,
      48,
    ),
  );
  if (texts.more !== "yes") return fields;
  fields.push({
    kind: "choice",
    name: name("ipv6Method"),
    label: "network.ipv6",
    hint: words.say("network.hint.ipv6"),
    help: "help.network.ipv6",
    options: [
      { value: "off", label: words.say("network.methodOff") },
      { value: "automatic", label: words.say("network.ipv6Automatic") },
      { value: "static", label: words.say("network.methodStatic") },
    ],
  });
  if (is("ipv6Method", "static")) {
    fields.push(
      text(
        "ipv6Address",
        "network.ipv6Address",
        "network.hint.ipv6Address",
        "help.network.ipv6",
        ipv6WithPrefixRules,
        48,
      ),
    );
    fields.push(
      text(
        "ipv6Gateway",
        "network.ipv6Gateway",
        "network.hint.ipv6Gateway",
        "help.network.ipv6",
        ipv6Rules,
        48,
      ),
    );
  }
  fields.push(
    text("vlan", "network.vlan", "network.hint.vlan", "help.network.vlan", numberRules, 6),
    text("mtu", "network.mtu", "network.hint.mtu", "help.network.mtu", numberRules, 6),
    text(
      "routes",
      "network.routes",
      "network.hint.routes",
      "help.network.routes",
      routeListRules,
      48,
    ),
  );
  return fields;
}

/**
 * Which of the network cards that are there; one that the settings name and that is gone is still
 * shown.
 */
function cardField(role: Role, mac: string, { words, status }: Context): ChoiceDefinition<Name> {
  const nics = (status?.interfaces ?? []).filter(isCard);
  const chosen = nics.find(({ macAddress }) => macAddress === mac);
  const present = chosen ?? (mac === "" ? cardOfRole(role, nics) : undefined);
  const first = cardOfRole(role, nics);
  const gone = mac !== "" && chosen === undefined;
  return {
    kind: "choice",
    name: `${role}.nic`,
    label: "network.nic",
    hint: words.say(role === "lan" ? "network.hint.nic" : "network.hint.nicWan"),
    help: "help.network.nic",
    list: true,
    note: gone
      ? words.say("network.note.gone")
      : present && !present.linkUp
        ? words.say("network.note.link")
        : undefined,
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

/** A card as people tell it from others: name, MAC address, link, driver and place. */
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

/** VLANs made for a role are devices of their own, on a card. */
function isCard({ name }: InterfaceStatus): boolean {
  return name !== "lan" && name !== "wan";
}
