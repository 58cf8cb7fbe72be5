import { defaultInterface, type InterfaceSettings, type Settings } from "../model/schema.ts";
import type { Findings } from "../values/field-value.ts";
import type { FormName, InterfaceField, SettingField, Typed } from "./field.ts";
import { interfaceFields, settingFields } from "./fields.ts";

export const roles = ["lan", "wan"] as const;
export type Role = (typeof roles)[number];

type OwnField = (typeof settingFields)[number];
type RoleField = (typeof interfaceFields)[number];

/** The place of a field of an interface, below `network.lan` or `network.wan`. */
export type InterfacePath = RoleField["path"];
/** The place of a field in its section: in an interface, or in the settings. */
export type OwnPath = OwnField["path"] | RoleField["path"];
/** The place of a setting in the settings, as `network.lan.ipv4.gateway`. */
export type SettingPath = OwnField["path"] | `network.${Role}.${InterfacePath}`;
export type PathOf<Form extends FormName> =
  | Extract<OwnField, { form: Form }>["path"]
  | (Form extends "network" ? `network.${Role}.${InterfacePath}` : never);

/** A field at its one place: a setting of an interface stands here for LAN and again for WAN. */
export interface PlacedField {
  path: SettingPath;
  /** Its place in its section: the same for LAN and WAN. */
  ownPath: OwnPath;
  role: Role | null;
  form: FormName;
  field: SettingField | InterfaceField;
  text(settings: Settings): string;
  put(settings: Settings, text: string, typed: Typed): void;
  check(settings: Settings, findings: Findings): void;
  /** null: the setting has no line of its own. */
  review(settings: Settings): string | null;
}

/** All of them, in the order of reviews and forms. */
export const placedFields: readonly PlacedField[] = [
  ...settingFields.filter(({ form }) => form === "network").map(place),
  ...roles.flatMap((role) => interfaceFields.map((field) => placeInRole(field, role))),
  ...settingFields.filter(({ form }) => form !== "network").map(place),
];

function place<Field extends OwnField>(found: Field): PlacedField {
  const field: SettingField = found;
  return {
    path: found.path,
    ownPath: found.path,
    role: null,
    form: field.form,
    field,
    text: (settings) => field.text(settings),
    put: (settings, text, typed) => field.put(settings, text, typed),
    check: (settings, findings) => field.check?.(settings, findings),
    review: (settings) => field.review?.value(settings) ?? null,
  };
}

function placeInRole<Field extends RoleField>(found: Field, role: Role): PlacedField {
  const field: InterfaceField = found;
  return {
    path: `network.${role}.${found.path}`,
    ownPath: found.path,
    role,
    form: field.form,
    field,
    // Without a WAN its fields show what a new one would have.
    text: (settings) => field.text(interfaceOf(settings, role) ?? defaultInterface),
    put: (settings, text, typed) => {
      const own = interfaceOf(settings, role);
      if (own) field.put(own, text, typed);
    },
    check: (settings, findings) => {
      const own = interfaceOf(settings, role);
      if (own) field.check?.(own, findings);
    },
    review: (settings) => {
      const own = interfaceOf(settings, role);
      return own === null || field.review === null ? null : field.review.value(own);
    },
  };
}

/** null for the WAN in single mode. */
export function interfaceOf({ network }: Settings, role: Role): InterfaceSettings | null {
  if (role === "lan") return network.lan;
  return network.mode === "split" ? network.wan : null;
}

/** The setting that a problem is of; null when it is of the whole. */
export function placedFieldAt(path: string): PlacedField | null {
  return (
    placedFields.find((each) => path === each.path || path.startsWith(`${each.path}.`)) ??
    // A problem of a part that has a method, as `network.lan.ipv4`, is one of the method.
    placedFields.find((each) => each.path === `${path}.method`) ??
    null
  );
}

export function placedField(path: SettingPath): PlacedField {
  const found = placedFields.find((each) => each.path === path);
  if (found === undefined) throw new Error(`${path} is in no list of fields`);
  return found;
}
