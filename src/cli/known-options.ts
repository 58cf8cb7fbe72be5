import type { CommandOption } from "../settings/fields/field.ts";
import type { interfaceFields, settingFields } from "../settings/fields/fields.ts";
import { type PlacedField, placedFields } from "../settings/fields/placed-fields.ts";
import { proxyPassword } from "../settings/fields/secrets.ts";
import { UsageError } from "./output.ts";
import { type Topic, topicOf } from "./topics.ts";

type SettingOption = (typeof settingFields)[number]["options"][number];
type InterfaceOption = (typeof interfaceFields)[number]["options"][number];
type SecretOption = (typeof proxyPassword.options)[number];
type Named<Option extends { name: string }, Before extends Prefix = ""> = {
  [Each in Option as `${Before}${Each["name"]}`]?: Each extends { value: string }
    ? string
    : boolean;
};

/** Prefixes of an interface's options; the empty one means LAN. */
export const prefixes = ["", "lan-", "wan-"] as const;
export type Prefix = (typeof prefixes)[number];

/** The options of one command line that set something. */
export type SettingsOptions = Named<SettingOption> &
  Named<InterfaceOption, Prefix> &
  Named<SecretOption> & { "swap-roles"?: boolean };

/** An option that sets something, as it is typed. */
export interface KnownOption {
  name: string;
  topic: Topic;
  prefix: Prefix;
  option: CommandOption;
  /** Null when the option sets no setting: a secret, an exchange of roles. */
  field: PlacedField | null;
}

const swapRoles: CommandOption = { name: "swap-roles", help: "LAN and WAN change cards" };

export const knownOptions: readonly KnownOption[] = [
  ...placedFields.flatMap((field) =>
    field.field.options.flatMap((option: CommandOption) =>
      prefixesOf(field).map((prefix) => ({
        name: `${prefix}${option.name}`,
        topic: topicOf(field),
        prefix,
        option,
        field,
      })),
    ),
  ),
  { name: swapRoles.name, topic: "network", prefix: "", option: swapRoles, field: null },
  ...proxyPassword.options.map(
    (option): KnownOption => ({
      name: option.name,
      topic: "proxy",
      prefix: "",
      option,
      field: null,
    }),
  ),
];

function prefixesOf({ role }: PlacedField): readonly Prefix[] {
  if (role === null) return [""];
  return role === "lan" ? ["", "lan-"] : ["wan-"];
}

/** The same for node:util's parseArgs. */
export const settingsOptions = Object.fromEntries(
  knownOptions.map(({ name, option }) => [
    name,
    { type: option.value === undefined ? "boolean" : "string" },
  ]),
) as {
  [Name in keyof SettingsOptions]-?: {
    type: NonNullable<SettingsOptions[Name]> extends boolean ? "boolean" : "string";
  };
}; // made of the lists that SettingsOptions is made of

/** Throws UsageError for an option that sets something of another topic. */
export function requireOwnOptions(topic: Topic, given: readonly string[]): void {
  const foreign = knownOptions.find(
    (known) => given.includes(known.name) && topic !== "network" && known.topic !== topic,
  );
  if (foreign !== undefined)
    throw new UsageError(
      `--${foreign.name} is no option of \`outrider ${topic}\`; \`outrider network\` takes all of them`,
    );
}
