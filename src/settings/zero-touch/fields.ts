import type { FormName } from "../fields/field.ts";
import type { interfaceFields, settingFields } from "../fields/fields.ts";
import { placedFields, type Role, type SettingPath } from "../fields/placed-fields.ts";
import { secrets } from "../fields/secrets.ts";

type SettingName = (typeof settingFields)[number]["zeroTouch"][number]["name"];
export type InterfaceName = (typeof interfaceFields)[number]["zeroTouch"][number]["name"];
type SecretName = (typeof secrets)[number]["zeroTouch"]["name"];

/**
 * Our own names of what can be given from outside: those of the OVF properties, of `KEY=value`
 * lines, of credentials.
 */
export type FieldName = SettingName | `${Role}_${InterfaceName}` | SecretName;

/** The meaning of a name. */
export interface ZeroTouchField {
  /** Its setting and the form that has it; null for a secret. */
  setting: { path: SettingPath; form: FormName } | null;
  /** Kept apart from the settings, and never shown. */
  secret?: true;
  /** The places in the settings whose problems are this value's fault. */
  faults: readonly string[];
  /** Names that other appliances have for it. */
  also: readonly string[];
  /** For docs/operate/zero-touch.md. */
  means: string;
  /** The form's text for a value. */
  text(value: string): string;
}

const asItIs = (value: string) => value;

/** By our own names, in the order of the forms. */
export const zeroTouchFields = Object.fromEntries(
  placedFields.flatMap(({ path, role, form, field }) => [
    ...field.zeroTouch.map(({ name, also, means, faults, text }): [string, ZeroTouchField] => [
      role === null ? name : `${role}_${name}`,
      {
        setting: { path, form },
        faults: faults?.map((place) => (role === null ? place : `network.${role}.${place}`)) ?? [
          path,
        ],
        also: namesIn(also, role),
        means: role === "wan" ? "as for LAN" : means,
        text: text ?? asItIs,
      },
    ]),
    ...secrets
      .filter(({ behind }) => behind === path)
      .map(({ zeroTouch }): [string, ZeroTouchField] => [
        zeroTouch.name,
        {
          setting: null,
          secret: true,
          faults: [],
          also: "also" in zeroTouch ? zeroTouch.also : [],
          means: zeroTouch.means,
          text: asItIs,
        },
      ]),
  ]),
) as Readonly<Record<FieldName, ZeroTouchField>>; // made of the lists that FieldName is made of

function namesIn(
  also: readonly string[] | { lan?: readonly string[]; wan?: readonly string[] } | undefined,
  role: Role | null,
): readonly string[] {
  if (also === undefined) return [];
  if ("length" in also) return also;
  return (role === null ? undefined : also[role]) ?? [];
}

/** Names of other appliances that mean nothing here, and the note about them. */
const withoutMeaning: Readonly<Record<string, "note-ipv6-only" | "note-wins">> = {
  ipv6_only: "note-ipv6-only",
  wins_1: "note-wins",
  wins_2: "note-wins",
  wins_domain: "note-wins",
};

/** Names whose value is a text with names of its own, and a switch between them. */
export type SpecialName = "user-data" | "meta-data" | "network-config" | "prefer-user-data";

/** As cloud-init's sources OVF and VMware name them; their packing is known without being told. */
const specialNames = new Map<string, SpecialName>([
  ["user_data", "user-data"],
  ["guestinfo.userdata", "user-data"],
  ["guestinfo.metadata", "meta-data"],
  ["network_config", "network-config"],
  ["prefer_userdata", "prefer-user-data"],
]);

export type NameMeaning =
  | { field: FieldName }
  | { special: SpecialName }
  | { unused: "note-ipv6-only" | "note-wins" }
  | null;

const byName = new Map<string, NameMeaning>(
  Object.entries(zeroTouchFields).flatMap(([name, { also }]) =>
    [name, ...also].map((known): [string, NameMeaning] => [
      known.toLowerCase(),
      isFieldName(name) ? { field: name } : null,
    ]),
  ),
);

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(zeroTouchFields, name);
}

/**
 * The meaning of a name in any case of letters. A class in front of it, which vSphere adds, is
 * ignored.
 */
export function meaningOf(written: string): NameMeaning {
  const name = written.trim().toLowerCase();
  const bare = name.replace(/^(?:guestinfo\.)?outrider\./, "").replaceAll("-", "_");
  const special = specialNames.get(bare);
  if (special !== undefined) return { special };
  const unused = Object.hasOwn(withoutMeaning, bare) ? withoutMeaning[bare] : undefined;
  if (unused !== undefined) return { unused };
  return byName.get(bare) ?? null;
}
