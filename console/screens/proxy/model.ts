import type { ProposedChange } from "../../../src/configd/api.ts";
import type { Status } from "../../../src/configd/status.ts";
import { type ProxyForm, proxyFormOf, withProxyForm } from "../../../src/settings/form.ts";
import type { FieldProblem } from "../../../src/settings/problems.ts";
import type { Settings } from "../../../src/settings/schema.ts";
import type { Context, ScreenEvent, ScreenModel, Step } from "../../app/contract.ts";
import { type FieldDefinition, type FormState, formTexts, onButton, showAllErrors, startForm, updateForm } from "../../fields/form.ts";
import { credentialRules, hostRules, portRules } from "../../fields/rules.ts";
import { fieldErrors } from "../form-problems.ts";

type Name = keyof ProxyForm | "password";

export interface ProxyState {
  readonly form: FormState<Name>;
  readonly opened: Record<Name, string>;
  /** The password is shown while it is typed. */
  readonly revealed: boolean;
}

export function startProxy(settings: Settings): ProxyState {
  const form = proxyFormOf(settings);
  const opened = { ...form, authentication: form.authentication === "basic" ? "basic" : "none", password: "" };
  return { opened, form: startForm<Name>(opened), revealed: false };
}

function proxyFormTexts(form: FormState<Name>): ProxyForm {
  const { password: _, kind, authentication, tls, fallbackToDirect, ...texts } = formTexts(form);
  return {
    ...texts,
    kind: kind === "http" ? "http" : "none",
    authentication: authentication === "basic" ? "basic" : "none",
    tls: tls === "yes" ? "yes" : "no",
    fallbackToDirect: fallbackToDirect === "yes" ? "yes" : "no",
  };
}

/** The change that the form's texts wish for, or what is wrong with them. */
function proxyWish(state: ProxyState, status: Status): { change: ProposedChange | null; problems: readonly FieldProblem[] } {
  const validation = withProxyForm(status.settings, proxyFormTexts(state.form));
  if (!validation.ok) return { change: null, problems: validation.problems };
  const { proxy } = validation.settings;
  const password = state.form.fields.password.text;
  const wantsPassword = proxy.kind === "http" && proxy.authentication === "basic";
  // A password that no proxy asks for is of no use to anybody but a thief.
  if (!wantsPassword) return { change: { settings: validation.settings, ...(status.secrets.proxyPassword ? { proxyPassword: null } : {}) }, problems: [] };
  return { change: { settings: validation.settings, ...(password === "" ? {} : { proxyPassword: password }) }, problems: [] };
}

export function proxyFields(state: ProxyState, { words, status }: Context): FieldDefinition<Name>[] {
  const { kind, authentication } = proxyFormTexts(state.form);
  const fields: FieldDefinition<Name>[] = [
    {
      kind: "choice",
      name: "kind",
      label: "proxy.kind",
      hint: words.say("proxy.hint.kind"),
      help: "help.proxy.kind",
      options: [
        { value: "none", label: words.say("proxy.kindNone") },
        { value: "http", label: words.say("proxy.kindHttp") },
      ],
    },
  ];
  if (kind === "none") return fields;
  fields.push(
    { kind: "text", name: "host", label: "proxy.host", hint: words.say("proxy.hint.host"), help: "help.proxy.host", rules: hostRules, width: 44 },
    { kind: "text", name: "port", label: "proxy.port", hint: words.say("proxy.hint.port"), help: "help.proxy.port", rules: portRules, width: 6 },
    {
      kind: "choice",
      name: "authentication",
      label: "proxy.authentication",
      hint: words.say("proxy.hint.authentication"),
      help: "help.proxy.authentication",
      options: [
        { value: "none", label: words.say("proxy.authenticationNone") },
        { value: "basic", label: words.say("proxy.authenticationBasic") },
      ],
    },
  );
  if (authentication === "none") return fields;
  const isSet = status?.secrets.proxyPassword === true;
  fields.push(
    { kind: "text", name: "user", label: "proxy.user", hint: words.say("proxy.hint.user"), help: "help.proxy.user", rules: credentialRules, width: 34 },
    {
      kind: "text",
      name: "password",
      label: "proxy.password",
      hint: words.say("proxy.hint.password"),
      help: "help.proxy.password",
      rules: credentialRules,
      width: 34,
      secret: true,
      masked: !state.revealed,
      note: state.form.fields.password.text === "" ? words.say(isSet ? "proxy.passwordKept" : "proxy.passwordMissing") : undefined,
    },
  );
  return fields;
}

const names = ["kind", "host", "port", "authentication", "user"] as const satisfies readonly Name[];

export function proxyErrors(state: ProxyState, { words, status }: Context): Partial<Record<Name, string>> {
  return status === null ? {} : fieldErrors(proxyWish(state, status).problems, names, words);
}

export const proxyModel: ScreenModel<ProxyState> = {
  name: "proxy",
  title: "proxy.title",
  update(state: ProxyState, event: ScreenEvent, context: Context): Step<ProxyState> {
    if (event.type !== "key") return { state };
    const fields = proxyFields(state, context);
    const focused = fields[state.form.focus];
    if (event.key.name === "ctrl-r") return focused?.name === "password" ? { state: { ...state, revealed: !state.revealed } } : { state };
    const step = updateForm(state.form, event.key, fields);
    // Whoever comes by later shall not find the password on the screen.
    const next = { ...state, form: step.form, revealed: state.revealed && step.form.focus === state.form.focus };
    return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
  },
  unsaved: (state) => JSON.stringify(formTexts(state.form)) !== JSON.stringify(state.opened),
  help(state, context) {
    const fields = proxyFields(state, context);
    const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
    return field ? [field.help, "help.proxy"] : ["help.proxy"];
  },
};

function submit(state: ProxyState, context: Context): Step<ProxyState> {
  const { status, words } = context;
  if (status === null) return { state, effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }] };
  const { change } = proxyWish(state, status);
  if (change === null) {
    const form = showAllErrors(state.form, proxyErrors(state, context), proxyFields(state, context));
    return { state: { ...state, form, revealed: false }, effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }] };
  }
  const same = JSON.stringify(change.settings) === JSON.stringify(status.settings) && change.proxyPassword === undefined;
  if (same) return { state, effects: [{ type: "message", text: words.say("form.noChange"), style: "warning" }] };
  return { state: { ...state, revealed: false }, effects: [{ type: "open", screen: { name: "review", change } }] };
}
