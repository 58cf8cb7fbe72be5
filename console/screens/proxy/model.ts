import { isDeepStrictEqual } from "node:util";
import type { ProposedChange } from "../../../src/configd/api/shapes.ts";
import type { Status } from "../../../src/configd/api/status.ts";
import { textsOf, withTexts } from "../../../src/settings/form.ts";
import type { FieldProblem } from "../../../src/settings/model/problems.ts";
import type { Settings } from "../../../src/settings/model/schema.ts";
import { problemAt } from "../../../src/settings/values/field-value.ts";
import { parseLoginText } from "../../../src/settings/values/login.ts";
import type { Context, Effect, ScreenEvent, ScreenModel, Step } from "../../contract/contract.ts";
import {
  type FormState,
  formTexts,
  onButton,
  showAllErrors,
  startForm,
  updateForm,
  withText,
} from "../../fields/form.ts";
import { longestPassword } from "../../fields/rules.ts";
import { fieldErrors, problemText } from "../shared/form-problems.ts";
import { testTyped } from "../shared/test-typed.ts";
import { type Name, proxyFields } from "./fields.ts";
import { splitProxyAddress } from "./split-address.ts";

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
  const password = parseLoginText(state.form.fields.password.text);
  if (!password.ok)
    errors.password =
      password.code === "too-long"
        ? words.say("proxy.passwordLong", { longest: longestPassword })
        : problemText(problemAt("proxy.password", password), words);
  return errors;
}

export const proxyModel: ScreenModel<ProxyState> = {
  name: "proxy",
  title: "proxy.title",
  update(state: ProxyState, event: ScreenEvent, context: Context): Step<ProxyState> {
    if (event.type !== "key") return { state };
    const fields = fieldsOf(state, context);
    const focused = fields[state.form.focus];
    if (event.key.name === "f6") {
      const { state: asked, effects } = takenApart(state, context);
      return withEffects(
        proposed(asked, context, (change) => ({
          state: { ...asked, revealed: false },
          effects: testTyped("proxy", change, isUnsaved(asked), context),
        })),
        effects,
      );
    }
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
    const left =
      focused?.name === "proxy.host" && (step.submitted || step.form.focus !== state.form.focus);
    const { state: apart, effects } = left
      ? takenApart(next, context)
      : { state: next, effects: [] };
    if (step.submitted) return withEffects(submit(apart, context), effects);
    return { state: apart, effects, handled: step.handled };
  },
  unsaved: isUnsaved,
  help(state, context) {
    const fields = fieldsOf(state, context);
    const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
    return field ? [field.help, "help.proxy"] : ["help.proxy"];
  },
};

/** The form with `host:port` or a URL, typed into the field for the host, in the fields it is for. */
function takenApart(
  state: ProxyState,
  { words }: Context,
): { state: ProxyState; effects: readonly Effect[] } {
  const texts = formTexts(state.form);
  const place = splitProxyAddress(texts["proxy.host"], {
    kind: texts["proxy.kind"],
    tls: texts["proxy.tls"] === "yes",
  });
  if (place === null || !["http", "socks5"].includes(texts["proxy.kind"]))
    return { state, effects: [] };
  let { form } = state;
  form = withText(form, "proxy.kind", place.kind);
  form = withText(form, "proxy.tls", place.tls ? "yes" : "no");
  form = withText(form, "proxy.host", place.host);
  form = withText(form, "proxy.port", place.port);
  const text = words.say("proxy.apart", { host: place.host, port: place.port });
  return { state: { ...state, form }, effects: [{ type: "message", text, style: "normal" }] };
}

function withEffects(step: Step<ProxyState>, before: readonly Effect[]): Step<ProxyState> {
  return { ...step, effects: [...before, ...(step.effects ?? [])] };
}

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
