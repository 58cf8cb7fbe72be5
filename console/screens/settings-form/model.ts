import { isDeepStrictEqual } from "node:util";
import type { Validation } from "../../../src/settings/checks/validate.ts";
import type { Settings } from "../../../src/settings/model/schema.ts";
import type { Context, ScreenEvent, ScreenModel, Step } from "../../contract/contract.ts";
import type { ScreenName } from "../../contract/screens.ts";
import {
  type FieldDefinition,
  type FormState,
  formTexts,
  onButton,
  showAllErrors,
  startForm,
  updateForm,
} from "../../fields/form.ts";
import type { PlainKey } from "../../words/words.ts";
import { fieldErrors } from "../shared/form-problems.ts";

/** A screen that is nothing but the form of some settings: what differs from one to the next. */
export interface SettingsForm<Name extends string> {
  name: ScreenName;
  title: PlainKey;
  intro: PlainKey;
  help: PlainKey;
  start(settings: Settings): Record<Name, string>;
  fields(texts: Readonly<Record<Name, string>>, context: Context): readonly FieldDefinition<Name>[];
  /** The settings with the form's texts. */
  propose(settings: Settings, texts: Readonly<Record<Name, string>>): Validation;
}

export interface SettingsFormState<Name extends string> {
  readonly form: FormState<Name>;
  readonly opened: Readonly<Record<Name, string>>;
}

export function startSettingsForm<Name extends string>(
  kind: SettingsForm<Name>,
  settings: Settings,
): SettingsFormState<Name> {
  const opened = kind.start(settings);
  return { opened, form: startForm<Name>(opened) };
}

export function settingsFormErrors<Name extends string>(
  kind: SettingsForm<Name>,
  state: SettingsFormState<Name>,
  { words, status }: Context,
): Partial<Record<Name, string>> {
  if (status === null) return {};
  const validation = kind.propose(status.settings, formTexts(state.form));
  if (validation.ok) return {};
  const names = Object.keys(state.opened).filter((name): name is Name =>
    Object.hasOwn(state.opened, name),
  );
  return fieldErrors(validation.problems, names, words);
}

export function settingsFormModel<Name extends string>(
  kind: SettingsForm<Name>,
): ScreenModel<SettingsFormState<Name>> {
  return {
    name: kind.name,
    title: kind.title,
    update(
      state: SettingsFormState<Name>,
      event: ScreenEvent,
      context: Context,
    ): Step<SettingsFormState<Name>> {
      if (event.type !== "key") return { state };
      const step = updateForm(state.form, event.key, kind.fields(formTexts(state.form), context));
      const next = { ...state, form: step.form };
      return step.submitted ? submit(kind, next, context) : { state: next, handled: step.handled };
    },
    unsaved: ({ form, opened }) => !isDeepStrictEqual(formTexts(form), opened),
    help(state, context) {
      const fields = kind.fields(formTexts(state.form), context);
      const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
      return field ? [field.help, kind.help] : [kind.help];
    },
  };
}

function submit<Name extends string>(
  kind: SettingsForm<Name>,
  state: SettingsFormState<Name>,
  context: Context,
): Step<SettingsFormState<Name>> {
  const { status, words } = context;
  if (status === null)
    return {
      state,
      effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }],
    };
  const validation = kind.propose(status.settings, formTexts(state.form));
  if (!validation.ok) {
    const form = showAllErrors(
      state.form,
      settingsFormErrors(kind, state, context),
      kind.fields(formTexts(state.form), context),
    );
    return {
      state: { ...state, form },
      effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }],
    };
  }
  if (isDeepStrictEqual(validation.settings, status.settings))
    return {
      state,
      effects: [{ type: "message", text: words.say("form.noChange"), style: "warning" }],
    };
  return {
    state,
    effects: [
      { type: "open", screen: { name: "review", change: { settings: validation.settings } } },
    ],
  };
}
