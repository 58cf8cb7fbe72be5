import type { Key } from "../page/key.ts";
import type { FieldBlock } from "../page/page.ts";
import type { PlainKey, Words } from "../words/words.ts";
import {
  editText,
  type Refusal,
  type TextField,
  type TextRules,
  textField,
  visibleText,
} from "./text-field.ts";

interface CommonDefinition<Name extends string> {
  name: Name;
  label: PlainKey;
  /** One line under the field while it has the focus. */
  hint: string;
  /** The whole story, on F1. */
  help: PlainKey;
  /** Something to think of that is not an error. */
  note?: string | undefined;
}

export interface TextDefinition<Name extends string> extends CommonDefinition<Name> {
  kind: "text";
  rules: TextRules;
  /** Columns of its box. */
  width: number;
  /** A secret: shown as asterisks unless it is revealed. */
  secret?: boolean;
  masked?: boolean;
}

export interface ChoiceDefinition<Name extends string> extends CommonDefinition<Name> {
  kind: "choice";
  options: readonly { value: string; label: string }[];
  /** One option a row: for long ones, and for many. */
  list?: boolean;
}

/** A field as it is now: what is offered may follow from other fields and from the machine. */
export type FieldDefinition<Name extends string> = TextDefinition<Name> | ChoiceDefinition<Name>;

/**
 * What was typed, and where the person is. Nothing in here is ever taken away by an error or by
 * news from configd.
 */
export interface FormState<Name extends string> {
  readonly fields: Readonly<Record<Name, TextField>>;
  /** Index in the visible fields; their number stands for the button below them. */
  readonly focus: number;
  /** Fields that were left: only these show what is wrong with them. */
  readonly left: readonly Name[];
  readonly refusal: Refusal | null;
}

export interface FormStep<Name extends string> {
  form: FormState<Name>;
  handled: boolean;
  /** The button was pressed. */
  submitted: boolean;
}

export function startForm<Name extends string>(
  texts: Readonly<Record<Name, string>>,
): FormState<Name> {
  const fields = mapRecord(texts, textField);
  return { fields, focus: 0, left: [], refusal: null };
}

export function formTexts<Name extends string>(form: FormState<Name>): Record<Name, string> {
  return mapRecord(form.fields, (field) => field.text);
}

export function withText<Name extends string>(
  form: FormState<Name>,
  name: Name,
  text: string,
): FormState<Name> {
  return { ...form, fields: { ...form.fields, [name]: textField(text) } };
}

function mapRecord<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  convert: (value: From) => To,
): Record<Name, To> {
  const converted: Partial<Record<Name, To>> = {};
  for (const name in record) converted[name] = convert(record[name]);
  return converted as Record<Name, To>; // every name of the record was set
}

export function updateForm<Name extends string>(
  form: FormState<Name>,
  key: Key,
  definitions: readonly FieldDefinition<Name>[],
): FormStep<Name> {
  const focus = Math.min(form.focus, definitions.length);
  const definition = definitions[focus];
  const move = (to: number): FormStep<Name> => ({
    form: moveFocus(form, to, definitions),
    handled: true,
    submitted: false,
  });
  switch (key.name) {
    case "tab":
      return move((focus + 1) % (definitions.length + 1));
    case "shift-tab":
      return move((focus + definitions.length) % (definitions.length + 1));
    case "down":
      return move(Math.min(focus + 1, definitions.length));
    case "up":
      return move(Math.max(focus - 1, 0));
    case "f2":
      return { form: leaveField(form, definition), handled: true, submitted: true };
    case "enter":
      return definition ? move(focus + 1) : { form, handled: true, submitted: true };
    default:
  }
  if (!definition) return { form, handled: false, submitted: false };
  if (definition.kind === "choice") return choose(form, key, definition);
  const edited = editText(form.fields[definition.name], key, definition.rules);
  if (!edited.handled)
    return { form: { ...form, refusal: null }, handled: false, submitted: false };
  return {
    form: {
      ...form,
      fields: { ...form.fields, [definition.name]: edited.field },
      refusal: edited.refusal,
    },
    handled: true,
    submitted: false,
  };
}

/** Moves to a field by its place; the one that is left shows its errors from now on. */
function moveFocus<Name extends string>(
  form: FormState<Name>,
  to: number,
  definitions: readonly FieldDefinition<Name>[],
): FormState<Name> {
  const from = definitions[Math.min(form.focus, definitions.length)];
  return {
    ...leaveField(form, from),
    focus: Math.min(Math.max(to, 0), definitions.length),
    refusal: null,
  };
}

function leaveField<Name extends string>(
  form: FormState<Name>,
  field: FieldDefinition<Name> | undefined,
): FormState<Name> {
  return field && !form.left.includes(field.name)
    ? { ...form, left: [...form.left, field.name] }
    : form;
}

function choose<Name extends string>(
  form: FormState<Name>,
  key: Key,
  { name, options, list }: ChoiceDefinition<Name>,
): FormStep<Name> {
  const step =
    key.name === "right" || (key.name === "character" && key.text === " ")
      ? 1
      : key.name === "left"
        ? -1
        : 0;
  const now = options.findIndex(({ value }) => value === form.fields[name].text);
  const next =
    step !== 0
      ? options[(Math.max(now, 0) + step + options.length) % options.length]
      : list === true
        ? beginningWith(key, options, now)
        : undefined;
  return next
    ? {
        form: { ...withText(form, name, next.value), refusal: null },
        handled: true,
        submitted: false,
      }
    : { form, handled: false, submitted: false };
}

/** The next option, round about, that begins with the letter of the key. */
function beginningWith<Option extends { label: string }>(
  key: Key,
  options: readonly Option[],
  now: number,
): Option | undefined {
  if (key.name !== "character") return undefined;
  const letter = key.text.toLowerCase();
  return [...options.slice(now + 1), ...options.slice(0, now + 1)].find(({ label }) =>
    label.toLowerCase().startsWith(letter),
  );
}

/**
 * All fields count as left, and the focus stands on the first that is wrong: after the button was
 * pressed too early.
 */
export function showAllErrors<Name extends string>(
  form: FormState<Name>,
  errors: Partial<Record<Name, string>>,
  definitions: readonly FieldDefinition<Name>[],
): FormState<Name> {
  const first = definitions.findIndex(({ name }) => errors[name] !== undefined);
  return {
    ...form,
    left: definitions.map(({ name }) => name),
    focus: first < 0 ? form.focus : first,
  };
}

function refusalText(refusal: Refusal, words: Words): string {
  if (refusal.reason === "form.refused.full")
    return words.say("form.refused.full", { limit: refusal.limit });
  return words.say(refusal.reason, { character: refusal.character });
}

/** The fields for the page. */
export function formBlocks<Name extends string>(
  form: FormState<Name>,
  definitions: readonly FieldDefinition<Name>[],
  errors: Partial<Record<Name, string>>,
  words: Words,
): FieldBlock[] {
  const focus = Math.min(form.focus, definitions.length);
  return definitions.map((definition, index) => {
    const focused = index === focus;
    const field = form.fields[definition.name];
    const shown =
      focused && form.refusal
        ? refusalText(form.refusal, words)
        : form.left.includes(definition.name)
          ? errors[definition.name]
          : undefined;
    const value: FieldBlock["value"] =
      definition.kind === "text"
        ? {
            type: "text",
            width: definition.width,
            ...visibleText(
              focused ? field : { text: field.text, cursor: 0 },
              definition.width,
              definition.masked === true,
            ),
          }
        : {
            type: "choice",
            options: definition.options.map(({ label }) => label),
            selected: definition.options.findIndex((option) => option.value === field.text),
            ...(definition.list === true ? { list: true } : {}),
          };
    return {
      kind: "field",
      label: words.say(definition.label),
      focused,
      value,
      hint: definition.hint,
      ...(shown === undefined ? {} : { error: shown }),
      ...(definition.note === undefined ? {} : { note: definition.note }),
      ...(definition.kind === "text" && definition.secret === true ? { secret: true } : {}),
    };
  });
}

/** True when the button below the fields has the focus. */
export function onButton<Name extends string>(
  form: FormState<Name>,
  definitions: readonly FieldDefinition<Name>[],
): boolean {
  return form.focus >= definitions.length;
}
