import type { Key } from "../page/key.ts";
import type { FieldBlock } from "../page/page.ts";
import type { PlainKey, Words } from "../words/words.ts";
import {
  editText,
  fieldLimit,
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
  /** The long help text, on F1. */
  help: PlainKey;
  /** A remark that is not an error. */
  note?: string | undefined;
}

export interface TextDefinition<Name extends string> extends CommonDefinition<Name> {
  kind: "text";
  rules: TextRules;
  /** Width of its box in columns. */
  width: number;
  secret?: boolean | undefined;
  /** Shown as asterisks, as a secret is unless it is revealed. */
  masked?: boolean | undefined;
}

export interface ChoiceDefinition<Name extends string> extends CommonDefinition<Name> {
  kind: "choice";
  options: readonly { value: string; label: string }[];
  /** Shows one option a row: for long or many options. */
  list?: boolean | undefined;
  /** So many that Up and Down choose; Tab leaves the field. */
  many?: boolean | undefined;
}

/** A field as it is now: its options may follow from other fields and from the machine. */
export type FieldDefinition<Name extends string> = TextDefinition<Name> | ChoiceDefinition<Name>;

/**
 * The texts that the operator typed, and the focus. Neither an error nor news from configd ever
 * removes a text.
 */
export interface FormState<Name extends string> {
  readonly fields: Readonly<Record<Name, TextField>>;
  /** Index of the focused field; the number of fields stands for the button below them. */
  readonly focus: number;
  /** Fields that had the focus and lost it: only these show their errors. */
  readonly left: readonly Name[];
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
  return { fields, focus: 0, left: [] };
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
  if (definition?.kind === "choice" && definition.many) {
    const chosen = byRow(form, key, definition);
    if (chosen !== null) return { form: chosen, handled: true, submitted: false };
  }
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
      return submitForm(leaveField(form, definition), definitions);
    case "enter":
      return definition ? move(focus + 1) : submitForm(form, definitions);
    default:
  }
  if (!definition) return { form, handled: false, submitted: false };
  if (definition.kind === "choice") return choose(form, key, definition);
  const edited = editText(form.fields[definition.name], key, definition.rules);
  if (!edited.handled) return { form, handled: false, submitted: false };
  return {
    form: { ...form, fields: { ...form.fields, [definition.name]: edited.field } },
    handled: true,
    submitted: false,
  };
}

/** A text that was cut off is never submitted: its field gets the focus instead. */
function submitForm<Name extends string>(
  form: FormState<Name>,
  definitions: readonly FieldDefinition<Name>[],
): FormStep<Name> {
  const overfull = definitions.findIndex(({ name }) => form.fields[name].overfull);
  return overfull < 0
    ? { form, handled: true, submitted: true }
    : { form: { ...form, focus: overfull }, handled: true, submitted: false };
}

/** Moves the focus; the field that loses it shows its errors from now on. */
function moveFocus<Name extends string>(
  form: FormState<Name>,
  to: number,
  definitions: readonly FieldDefinition<Name>[],
): FormState<Name> {
  const from = definitions[Math.min(form.focus, definitions.length)];
  return {
    ...leaveField(form, from),
    focus: Math.min(Math.max(to, 0), definitions.length),
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
  const now = options.findIndex(({ value }) => value === form.fields[name].text);
  const next =
    neighbour(key, options, now) ?? (list ? beginningWith(key, options, now) : undefined);
  return next
    ? {
        form: withText(form, name, next.value),
        handled: true,
        submitted: false,
      }
    : { form, handled: false, submitted: false };
}

const rowsOfPage = 10;

/** The form with another option of a long list, not beyond its ends; null for other keys. */
function byRow<Name extends string>(
  form: FormState<Name>,
  key: Key,
  { name, options }: ChoiceDefinition<Name>,
): FormState<Name> | null {
  const now = Math.max(
    0,
    options.findIndex(({ value }) => value === form.fields[name].text),
  );
  const rows: Partial<Record<Key["name"], number>> = {
    up: now - 1,
    down: now + 1,
    home: 0,
    end: options.length - 1,
    "page-up": now - rowsOfPage,
    "page-down": now + rowsOfPage,
  };
  const row = rows[key.name];
  if (row === undefined) return null;
  const option = options[Math.max(0, Math.min(row, options.length - 1))];
  return option ? withText(form, name, option.value) : null;
}

/** The option beside the chosen one, by the arrow keys and space; cyclic. */
function neighbour<Option>(key: Key, options: readonly Option[], now: number): Option | undefined {
  const isSpace = key.name === "character" && key.text === " ";
  if (key.name === "right" || isSpace) return options[(Math.max(now, 0) + 1) % options.length];
  if (key.name !== "left") return undefined;
  return options[(Math.max(now, 0) - 1 + options.length) % options.length];
}

/** The next option, cyclic, that begins with the letter of the key. */
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

/** Shows the errors of all fields and focuses the first wrong one, after the button was pressed. */
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

/** The form's fields as blocks of a page. */
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
    const judged = form.left.includes(definition.name) ? errors[definition.name] : undefined;
    const error = field.overfull ? words.say("form.overfull", { limit: fieldLimit }) : judged;
    return {
      kind: "field",
      label: words.say(definition.label),
      focused,
      value: fieldValue(definition, focused ? field : { text: field.text, cursor: 0 }),
      hint: definition.hint,
      error,
      note: definition.note,
      secret: definition.kind === "text" && definition.secret,
    };
  });
}

function fieldValue<Name extends string>(
  definition: FieldDefinition<Name>,
  field: TextField,
): FieldBlock["value"] {
  if (definition.kind === "text") {
    const { width, masked } = definition;
    return { type: "text", width, ...visibleText(field, width, masked === true) };
  }
  const { options, list } = definition;
  return {
    type: "choice",
    options: options.map(({ label }) => label),
    selected: options.findIndex((option) => option.value === field.text),
    list,
  };
}

/** True when the button below the fields has the focus. */
export function onButton<Name extends string>(
  form: FormState<Name>,
  definitions: readonly FieldDefinition<Name>[],
): boolean {
  return form.focus >= definitions.length;
}
