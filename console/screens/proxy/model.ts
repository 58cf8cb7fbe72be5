import type { ProposedChange } from "../../../src/configd/api/shapes.ts";
import type { Status } from "../../../src/configd/api/status.ts";
import { type ProxyForm, proxyFormOf, withProxyForm } from "../../../src/settings/form.ts";
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
import { fieldErrors } from "../shared/form-problems.ts";
import { type Name, proxyFields } from "./fields.ts";

export interface ProxyState {
  readonly form: FormState<Name>;
  readonly opened: Readonly<Record<Name, string>>;
  /** The password is shown while it is typed. */
  readonly revealed: boolean;
}

export function startProxy(settings: Settings): ProxyState {
  const opened = { ...proxyFormOf(settings), password: "" };
  return { opened, form: startForm<Name>(opened), revealed: false };
}

export function fieldsOf(state: ProxyState, context: Context) {
  return proxyFields(formTexts(state.form), state.revealed, context);
}

const kinds: readonly ProxyForm["kind"][] = ["none", "http", "socks5", "pac"];
const schemes: readonly ProxyForm["authentication"][] = [
  "automatic",
  "none",
  "basic",
  "digest",
  "ntlm",
  "negotiate",
];

function proxyFormTexts(form: FormState<Name>): ProxyForm {
  const { password: _, kind, authentication, tls, fallbackToDirect, ...texts } = formTexts(form);
  return {
    ...texts,
    kind: kinds.find((each) => each === kind) ?? "none",
    authentication: schemes.find((each) => each === authentication) ?? "automatic",
    tls: tls === "yes" ? "yes" : "no",
    fallbackToDirect: fallbackToDirect === "yes" ? "yes" : "no",
  };
}

/** The change that the form's texts wish for, or what is wrong with them. */
function proxyWish(
  state: ProxyState,
  status: Status,
): { change: ProposedChange | null; problems: readonly FieldProblem[] } {
  const form = proxyFormTexts(state.form);
  const validation = withProxyForm(status.settings, form);
  if (!validation.ok) return { change: null, problems: validation.problems };
  const { proxy } = validation.settings;
  const password = state.form.fields.password.text;
  const wantsPassword =
    proxy.kind !== "none" && form.authentication !== "none" && proxy.user !== "";
  // A password that no proxy asks for is of no use to anybody but a thief.
  if (!wantsPassword)
    return {
      change: {
        settings: validation.settings,
        ...(status.secrets.proxyPassword ? { proxyPassword: null } : {}),
      },
      problems: [],
    };
  return {
    change: {
      settings: validation.settings,
      ...(password === "" ? {} : { proxyPassword: password }),
    },
    problems: [],
  };
}

const names = [
  "kind",
  "host",
  "port",
  "url",
  "tls",
  "authentication",
  "user",
  "bypass",
  "fallbackToDirect",
] as const satisfies readonly Name[];

export function proxyErrors(
  state: ProxyState,
  { words, status }: Context,
): Partial<Record<Name, string>> {
  return status === null ? {} : fieldErrors(proxyWish(state, status).problems, names, words);
}

export const proxyModel: ScreenModel<ProxyState> = {
  name: "proxy",
  title: "proxy.title",
  update(state: ProxyState, event: ScreenEvent, context: Context): Step<ProxyState> {
    if (event.type !== "key") return { state };
    const fields = fieldsOf(state, context);
    const focused = fields[state.form.focus];
    // What is tested is what is active: a form that was changed is tested by its trial.
    if (event.key.name === "f6")
      return { state, effects: [{ type: "open", screen: { name: "diagnostics" } }] };
    if (event.key.name === "ctrl-r")
      return focused?.name === "password"
        ? { state: { ...state, revealed: !state.revealed } }
        : { state };
    const step = updateForm(state.form, event.key, fields);
    // Whoever comes by later shall not find the password on the screen.
    const next = {
      ...state,
      form: step.form,
      revealed: state.revealed && step.form.focus === state.form.focus,
    };
    return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
  },
  unsaved: (state) => JSON.stringify(formTexts(state.form)) !== JSON.stringify(state.opened),
  help(state, context) {
    const fields = fieldsOf(state, context);
    const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
    return field ? [field.help, "help.proxy"] : ["help.proxy"];
  },
};

function submit(state: ProxyState, context: Context): Step<ProxyState> {
  const { status, words } = context;
  if (status === null)
    return {
      state,
      effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }],
    };
  const { change } = proxyWish(state, status);
  if (change === null) {
    const form = showAllErrors(state.form, proxyErrors(state, context), fieldsOf(state, context));
    return {
      state: { ...state, form, revealed: false },
      effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }],
    };
  }
  const same =
    JSON.stringify(change.settings) === JSON.stringify(status.settings) &&
    change.proxyPassword === undefined;
  if (same)
    return {
      state,
      effects: [{ type: "message", text: words.say("form.noChange"), style: "warning" }],
    };
  return {
    state: { ...state, revealed: false },
    effects: [{ type: "open", screen: { name: "review", change } }],
  };
}
