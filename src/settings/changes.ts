import { isDeepStrictEqual } from "node:util";
import { interfaceFields, settingFields } from "./fields/fields.ts";
import {
  type PlacedField,
  placedFields,
  type Role,
  roles,
  type SettingPath,
} from "./fields/placed-fields.ts";
import { givenByNetwork, namedValues } from "./fields/review-values.ts";
import { proxyPassword as proxyPasswordField } from "./fields/secrets.ts";
import type { Settings } from "./model/schema.ts";

/** One line of a review: a setting, and its old and new value as people read them. */
export interface ChangeLine {
  field: string;
  before: string;
  /** What the network has given, where `before` only says that it gives something. */
  given?: string;
  after: string;
}

/**
 * The words of a review that are no operator's own: names of settings, and values that have a name.
 * The console translates them.
 */
export const settingTerms: ReadonlySet<string> = new Set<string>([
  ...[...settingFields, ...interfaceFields].flatMap(({ review }) => review?.term ?? []),
  proxyPasswordField.term,
  ...namedValues,
  ...roles.flatMap((role) =>
    interfaceFields.map(({ review }) => inRole(role.toUpperCase(), review.term)),
  ),
]);

function inRole(role: string, name: string): string {
  return `${role}: ${name}`;
}

/** Which card each role has by its settings, as the operator recognises it. */
export type CardNames = Readonly<Record<Role, string | null>>;

/** What the network has given for settings that leave it to the network, by their place. */
export type GivenValues = Readonly<Partial<Record<SettingPath, string>>>;

/** What is known of the machine itself. */
export interface Machine {
  cards: { before: CardNames; after: CardNames };
  given: GivenValues;
}

/**
 * What differs between two settings, in the order of the forms. Secrets only ever appear as set or
 * not set.
 */
export function describeChanges(
  before: Settings,
  after: Settings,
  proxyPassword: { before: boolean; after: boolean; replaced: boolean },
  machine?: Machine,
): ChangeLine[] {
  // A role's lines have other names when there are two, so that each line is of one side only.
  const split = before.network.mode === "split" || after.network.mode === "split";
  const old = new Map(lines(before, split, placedFields, machine?.cards.before));
  const now = new Map(lines(after, split, placedFields, machine?.cards.after));
  const given = givenLines(machine?.given ?? {}, split);
  const changes = [...new Set([...now.keys(), ...old.keys()])].map((field): ChangeLine => {
    const was = old.get(field) ?? "none";
    const value = givenByNetwork.includes(was) ? given.get(field) : undefined;
    return {
      field,
      before: was,
      ...(value === undefined ? {} : { given: value }),
      after: now.get(field) ?? "none",
    };
  });
  const wasReplaced = proxyPassword.replaced && proxyPassword.before && proxyPassword.after;
  changes.push({
    field: proxyPasswordField.term,
    before: setOrNot(proxyPassword.before),
    after: wasReplaced ? "set anew" : setOrNot(proxyPassword.after),
  });
  return changes.filter((change) => change.before !== change.after);
}

const setOrNot = (isSet: boolean) => (isSet ? "set" : "not set");

/** The settings as people read them, in the order of the forms; those that are wanted only. */
export function describeSettings(
  settings: Settings,
  wanted: (field: PlacedField) => boolean = () => true,
): readonly (readonly [field: string, value: string])[] {
  return lines(settings, settings.network.mode === "split", placedFields.filter(wanted));
}

function lines(
  settings: Settings,
  split: boolean,
  fields: readonly PlacedField[] = placedFields,
  cards?: CardNames,
): [field: string, value: string][] {
  return fields.flatMap(({ role, field, review }) => {
    const value = review(settings);
    if (value === null || field.review === null) return [];
    const card = field.path === "macAddress" && role !== null ? cards?.[role] : null;
    return [[nameIn(role, split, field.review.term), card ? `${value} (${card})` : value]];
  });
}

const nameIn = (role: Role | null, split: boolean, term: string) =>
  role !== null && split ? inRole(role.toUpperCase(), term) : term;

function givenLines(given: GivenValues, split: boolean): ReadonlyMap<string, string> {
  return new Map(
    placedFields.flatMap(({ path, role, field: { review } }) => {
      const value = given[path];
      return value === undefined || review === null || (role === "wan" && !split)
        ? []
        : [[nameIn(role, split, review.term), value] as const];
    }),
  );
}

/**
 * True when a change can cut the appliance off from its platform or its operator, so that it has to
 * be tried first.
 */
export function touchesPath(before: Settings, after: Settings, passwordReplaced: boolean): boolean {
  return (
    passwordReplaced ||
    placedFields.some(
      ({ path, field, text }) =>
        field.needsTrial &&
        // The text also has what belongs to the value, as a gateway's on-link.
        (!isDeepStrictEqual(valueAt(before, path), valueAt(after, path)) ||
          text(before) !== text(after)),
    )
  );
}

/** undefined where the settings have no such value now, as a gateway with DHCP. */
function valueAt(settings: Settings, path: string): unknown {
  let value: unknown = settings;
  for (const part of path.split("."))
    value = typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined;
  return value;
}
