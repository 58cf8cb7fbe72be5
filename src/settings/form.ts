import { finishChecks, type Validation, type ValidationContext } from "./checks/validate.ts";
import type { FormName, Typed } from "./fields/field.ts";
import {
  type PathOf,
  type PlacedField,
  placedFieldAt,
  placedFields,
  type SettingPath,
} from "./fields/placed-fields.ts";
import type { FieldProblem } from "./model/problems.ts";
import type { Settings } from "./model/schema.ts";
import { problemAt } from "./values/field-value.ts";

/**
 * The forms that console, command line and zero-touch share: texts as people type them, by the
 * place of their setting (`network.lan.ipv4.gateway`), to settings and back. Problems carry the
 * same places.
 */
export type { FormName } from "./fields/field.ts";
export type { PathOf, SettingPath } from "./fields/placed-fields.ts";

export type Texts<Path extends SettingPath = SettingPath> = Record<Path, string>;
export type ProxyTexts = Texts<PathOf<"proxy">>;

/** The settings of a form, in its order. */
export function pathsOf<Form extends FormName>(form: Form): PathOf<Form>[] {
  return fieldsOf(form).map(({ path }) => path) as PathOf<Form>[]; // those of the form
}

/** A form with what is set. A setting that the present ones do not have shows its default. */
export function textsOf<Form extends FormName>(
  settings: Settings,
  form: Form,
): Texts<PathOf<Form>> {
  return Object.fromEntries(
    fieldsOf(form).map((field) => [field.path, field.text(settings)]),
  ) as Texts<PathOf<Form>>; // every field of the form was named
}

/**
 * The settings with what was typed into any fields; the other fields of the same forms hold what
 * they show now. All that is wrong comes at once.
 */
export function withTexts(
  settings: Settings,
  typed: Readonly<Partial<Texts>>,
  context: ValidationContext = {},
): Validation {
  const draft = structuredClone(settings);
  const problems: FieldProblem[] = [];
  const forms = new Set(
    placedFields.filter(({ path }) => typed[path] !== undefined).map(({ form }) => form),
  );
  for (const form of forms) {
    const fields = fieldsOf(form);
    const texts = new Map<string, string>(
      fields.map((field) => [field.path, typed[field.path] ?? field.text(settings)]),
    );
    for (const field of fields)
      field.put(draft, texts.get(field.path) ?? "", typedAt(field, texts, problems));
  }
  return finishChecks(draft, problems, context);
}

/** The setting that a problem is of, or null when it is of the whole. */
export function settingOf(problem: Pick<FieldProblem, "field">): SettingPath | null {
  return placedFieldAt(problem.field)?.path ?? null;
}

/**
 * The form that a problem belongs to: a change made in one form can be refused because of what
 * stands in another.
 */
export function formNameOf(problem: Pick<FieldProblem, "field">): FormName | null {
  return placedFieldAt(problem.field)?.form ?? null;
}

function fieldsOf(form: FormName): PlacedField[] {
  return placedFields.filter((field) => field.form === form);
}

function typedAt(
  { path }: PlacedField,
  texts: ReadonlyMap<string, string>,
  problems: FieldProblem[],
): Typed {
  return {
    note: (code, values, below = "") =>
      problems.push(problemAt(`${path}${below}`, { code, values })),
    other: (place) => texts.get(place) ?? "",
  };
}
