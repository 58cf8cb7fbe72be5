import type { ProxyForm } from "../../../src/settings/form.ts";
import type { Context } from "../../contract/contract.ts";
import type { ChoiceDefinition, FieldDefinition, TextDefinition } from "../../fields/form.ts";
import {
  bypassRules,
  credentialRules,
  hostRules,
  pacUrlRules,
  portRules,
} from "../../fields/rules.ts";
import { keyboardHere } from "../shared/layouts.ts";

export type Name = keyof ProxyForm | "password";
export type Texts = Readonly<Record<Name, string>>;

/** The fields that a proxy of the chosen kind has. */
export function proxyFields(
  texts: Texts,
  revealed: boolean,
  context: Context,
): FieldDefinition<Name>[] {
  const { words } = context;
  const kind: ChoiceDefinition<Name> = {
    kind: "choice",
    name: "kind",
    label: "proxy.kind",
    hint: words.say("proxy.hint.kind"),
    help: "help.proxy.kind",
    options: [
      { value: "none", label: words.say("proxy.kindNone") },
      { value: "http", label: words.say("proxy.kindHttp") },
      { value: "socks5", label: words.say("proxy.kindSocks") },
      { value: "pac", label: words.say("proxy.kindPac") },
    ],
  };
  if (texts.kind === "none") return [kind];
  return [
    kind,
    ...placeFields(texts, context),
    ...logInFields(texts, revealed, context),
    ...besides(context),
  ];
}

function placeFields({ kind }: Texts, { words }: Context): FieldDefinition<Name>[] {
  if (kind === "pac")
    return [
      {
        kind: "text",
        name: "url",
        label: "proxy.url",
        hint: words.say("proxy.hint.url"),
        help: "help.proxy.url",
        rules: pacUrlRules,
        width: 48,
      },
    ];
  const place: TextDefinition<Name>[] = [
    {
      kind: "text",
      name: "host",
      label: "proxy.host",
      hint: words.say("proxy.hint.host"),
      help: "help.proxy.host",
      rules: hostRules,
      width: 44,
    },
    {
      kind: "text",
      name: "port",
      label: "proxy.port",
      hint: words.say("proxy.hint.port"),
      help: "help.proxy.port",
      rules: portRules,
      width: 6,
    },
  ];
  if (kind !== "http") return place;
  return [...place, yesNo("tls", "proxy.tls", "proxy.hint.tls", "help.proxy.tls", { words })];
}

function logInFields(
  { kind, authentication, password }: Texts,
  revealed: boolean,
  context: Context,
): FieldDefinition<Name>[] {
  const { words, status } = context;
  const basic = {
    value: "basic",
    label: words.say(
      kind === "socks5" ? "proxy.authenticationPassword" : "proxy.authenticationBasic",
    ),
  };
  const none = { value: "none", label: words.say("proxy.authenticationNone") };
  const all = [
    { value: "automatic", label: words.say("proxy.authenticationAutomatic") },
    none,
    basic,
    { value: "digest", label: words.say("proxy.authenticationDigest") },
    { value: "ntlm", label: words.say("proxy.authenticationNtlm") },
    { value: "negotiate", label: words.say("proxy.authenticationNegotiate") },
  ];
  const choice: ChoiceDefinition<Name> = {
    kind: "choice",
    name: "authentication",
    label: "proxy.authentication",
    hint: words.say("proxy.hint.authentication"),
    help: "help.proxy.authentication",
    options: kind === "socks5" ? [none, basic] : all,
  };
  if (authentication === "none") return [choice];
  const isSet = status?.secrets.proxyPassword === true;
  return [
    choice,
    {
      kind: "text",
      name: "user",
      label: "proxy.user",
      hint: words.say("proxy.hint.user"),
      help: "help.proxy.user",
      rules: credentialRules,
      width: 34,
    },
    {
      kind: "text",
      name: "password",
      label: "proxy.password",
      hint: words.say("proxy.hint.password", { keyboard: keyboardHere(context) }),
      help: "help.proxy.password",
      rules: credentialRules,
      width: 34,
      secret: true,
      masked: !revealed,
      note:
        password === ""
          ? words.say(isSet ? "proxy.passwordKept" : "proxy.passwordMissing")
          : undefined,
    },
  ];
}

function besides(context: Context): FieldDefinition<Name>[] {
  const { words } = context;
  return [
    {
      kind: "text",
      name: "bypass",
      label: "proxy.bypass",
      hint: words.say("proxy.hint.bypass"),
      help: "help.proxy.bypass",
      rules: bypassRules,
      width: 44,
    },
    yesNo(
      "fallbackToDirect",
      "proxy.fallback",
      "proxy.hint.fallback",
      "help.proxy.fallback",
      context,
    ),
  ];
}

function yesNo(
  name: "tls" | "fallbackToDirect",
  label: "proxy.tls" | "proxy.fallback",
  hint: "proxy.hint.tls" | "proxy.hint.fallback",
  help: "help.proxy.tls" | "help.proxy.fallback",
  { words }: Pick<Context, "words">,
): ChoiceDefinition<Name> {
  const options = [
    { value: "no", label: words.say("form.no") },
    { value: "yes", label: words.say("form.yes") },
  ];
  return { kind: "choice", name, label, hint: words.say(hint), help, options };
}
