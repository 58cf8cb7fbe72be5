import type { PathOf } from "../../../src/settings/form.ts";
import { proxySchemeNames, proxySchemes } from "../../../src/settings/model/proxy-schemes.ts";
import type { Context } from "../../contract/contract.ts";
import type { FieldDefinition } from "../../fields/form.ts";
import { textRules } from "../../fields/rules.ts";
import { keyboardHere } from "../shared/layouts.ts";
import { fieldWords, settingField } from "../shared/setting-field.ts";

/** The password is no setting: it is kept apart. */
export type Name = PathOf<"proxy"> | "password";
export type Texts = Readonly<Record<Name, string>>;

/** The fields that a proxy of the chosen kind has. */
export function proxyFields(
  texts: Texts,
  revealed: boolean,
  context: Context,
): FieldDefinition<Name>[] {
  const { words } = context;
  const kind = settingField("proxy.kind", words);
  if (texts["proxy.kind"] === "none") return [kind];
  return [
    kind,
    ...addressFields(texts, context),
    ...logInFields(texts, revealed, context),
    settingField("proxy.bypass", words),
    settingField("proxy.fallbackToDirect", words),
  ];
}

function addressFields(texts: Texts, { words }: Context): FieldDefinition<Name>[] {
  const kind = texts["proxy.kind"];
  if (kind === "pac") return [settingField("proxy.url", words)];
  const address = [settingField("proxy.host", words), settingField("proxy.port", words)];
  return kind === "http" ? [...address, settingField("proxy.tls", words)] : address;
}

function logInFields(texts: Texts, revealed: boolean, context: Context): FieldDefinition<Name>[] {
  const { words, status } = context;
  const scheme: FieldDefinition<Name> =
    texts["proxy.kind"] === "socks5"
      ? {
          ...fieldWords("proxy.authentication", words),
          kind: "choice",
          options: proxySchemeNames
            .filter((name) => proxySchemes[name].labelWithSocks !== undefined)
            .map((value) => ({ value, label: words.say(`withSocks.${value}`) })),
        }
      : settingField("proxy.authentication", words);
  if (texts["proxy.authentication"] === "none") return [scheme];
  const isSet = status?.secrets.proxyPassword === true;
  return [
    scheme,
    settingField("proxy.user", words),
    {
      kind: "text",
      name: "password",
      label: "proxy.password",
      hint: words.say("proxy.hint.password", { keyboard: keyboardHere(context) }),
      help: "help.proxy.password",
      rules: textRules,
      width: 34,
      secret: true,
      masked: !revealed,
      note:
        texts.password === ""
          ? words.say(isSet ? "proxy.passwordKept" : "proxy.passwordMissing")
          : drawnNote(texts.password, revealed, context),
    },
  ];
}

/** The machine's own screen has the signs of Latin-1, many a serial line those of ASCII only. */
function drawnNote(
  password: string,
  revealed: boolean,
  { words, atMachine }: Context,
): string | undefined {
  const beyond = atMachine ? /[^\x20-\xff]/ : /[^\x20-\x7e]/;
  return revealed && beyond.test(password) ? words.say("proxy.passwordDrawn") : undefined;
}
