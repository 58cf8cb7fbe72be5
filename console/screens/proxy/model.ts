import { isDeepStrictEqual } from "node:util";
import type { ProposedChange } from "../../../src/configd/api/shapes.ts";
import type { Status } from "../../../src/configd/api/status.ts";
import { textsOf, withTexts } from "../../../src/settings/form.ts";
import type { FieldProblem } from "../../../src/settings/model/problems.ts";
import type { Settings } from "../../../src/settings/model/schema.ts";
import type { Context, ScreenEvent, ScreenModel, Step } from "../../contract/contract.ts";
import {
  type FormState,
  formTexts,
  onButton,
  showAllErrors,
  startForm,
  updateForm,
} from "../../fields/form.ts";
import { longestPassword } from "../../fields/rules.ts";
import { fieldErrors } from "../shared/form-problems.ts";
import { testTyped } from "../shared/test-typed.ts";
import { type Name, proxyFields } from "./fields.ts";

export interface ProxyState {
  readonly form: FormState<Name>;
  readonly opened: Readonly<Record<Name, string>>;
  /** Whether the password is shown while it is typed. */
  readonly revealed: boolean;
}

export function startProxy(settings: Settings): ProxyState {
  const opened = { ...textsOf(settings, "proxy"), password: "" };
  return { opened, form: startForm<Name>(opened), revealed: false };
}

export function fieldsOf(state: ProxyState, context: Context) {
  return proxyFields(formTexts(state.form), state.revealed, context);
}

/** The change that the form's texts propose, or what is wrong with them. */
function proxyProposal(
  state: ProxyState,
  status: Status,
): { change: ProposedChange | null; problems: readonly FieldProblem[] } {
  const { password, ...texts } = formTexts(state.form);
  const validation = withTexts(status.settings, texts);
  if (!validation.ok) return { change: null, problems: validation.problems };
  const { settings } = validation;
  const { proxy } = settings;
  const wantsPassword =
    proxy.kind !== "none" && texts["proxy.authentication"] !== "none" && proxy.user !== "";
  const change: ProposedChange = { settings };
  // A password that no proxy asks for is of use to a thief only.
  if (!wantsPassword && status.secrets.proxyPassword) change.proxyPassword = null;
  if (wantsPassword && password !== "") change.proxyPassword = password;
  return { change, problems: [] };
}

export function proxyErrors(
  state: ProxyState,
  { words, status }: Context,
): Partial<Record<Name, string>> {
  if (status === null) return {};
  const names = Object.keys(state.opened).filter((name): name is Name =>
    Object.hasOwn(state.opened, name),
  );
  const errors = fieldErrors(proxyProposal(state, status).problems, names, words);
  if ([...state.form.fields.password.text].length > longestPassword)
    errors.password = words.say("proxy.passwordLong", { longest: longestPassword });
  return errors;
}

export const proxyModel: ScreenModel<ProxyState> = {
  name: "proxy",
  title: "proxy.title",
  update(state: ProxyState, event: ScreenEvent, context: Context): Step<ProxyState> {
    if (event.type !== "key") return { state };
    const fields = fieldsOf(state, context);
    const focused = fields[state.form.focus];
    if (event.key.name === "f6")
      return proposed(state, context, (change) => ({
        state: { ...state, revealed: false },
        effects: testTyped("proxy", change, isUnsaved(state), context),
      }));
    if (event.key.name === "ctrl-r")
      return focused?.name === "password"
        ? { state: { ...state, revealed: !state.revealed } }
        : { state };
    const step = updateForm(state.form, event.key, fields);
    // The next person at the screen must not find the password on it.
    const next = {
      ...state,
      form: step.form,
      revealed: state.revealed && step.form.focus === state.form.focus,
    };
    return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
  },
  unsaved: isUnsaved,
  help(state, context) {
    const fields = fieldsOf(state, context);
    const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
    return field ? [field.help, "help.proxy"] : ["help.proxy"];
  },
};

function isUnsaved({ form, opened }: ProxyState): boolean {
  return !isDeepStrictEqual(formTexts(form), opened);
}

function submit(state: ProxyState, context: Context): Step<ProxyState> {
  const { status, words } = context;
  return proposed(state, context, (change) =>
    isDeepStrictEqual(change, { settings: status?.settings })
      ? {
          state,
          effects: [{ type: "message", text: words.say("form.noChange"), style: "warning" }],
        }
      : {
          state: { ...state, revealed: false },
          effects: [{ type: "open", screen: { name: "review", change } }],
        },
  );
}

/** Goes on with the change that the form proposes, or shows what is wrong with it. */
function proposed(
  state: ProxyState,
  context: Context,
  goOn: (change: ProposedChange) => Step<ProxyState>,
): Step<ProxyState> {
  const { status, words } = context;
  if (status === null)
    return {
      state,
      effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }],
    };
  const { change } = proxyProposal(state, status);
  const errors = proxyErrors(state, context);
  if (change !== null && !(change.proxyPassword && errors.password)) return goOn(change);
  const form = showAllErrors(state.form, errors, fieldsOf(state, context));
  return {
    state: { ...state, form, revealed: false },
    effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }],
  };
}
