import { interfaceFields, settingFields } from "../../src/settings/fields/fields.ts";
import {
  type ProxyScheme,
  proxySchemeNames,
  proxySchemes,
} from "../../src/settings/model/proxy-schemes.ts";

type AnyField = (typeof settingFields)[number] | (typeof interfaceFields)[number];
type ChoiceKey<Field> = Field extends {
  path: infer Path extends string;
  input: { kind: "choice"; choices: readonly { value: infer Value extends string }[] };
}
  ? `choice.${Path}.${Value}`
  : never;

/** The keys of a setting's words: its own, and one for each of its choices. */
export type FieldKey =
  | `${"label" | "hint" | "help"}.${AnyField["path"]}`
  | ChoiceKey<AnyField>
  | `withSocks.${ProxyScheme}`;

/**
 * The English of each setting's field, as the setting's own file has it (src/settings/fields/): a
 * part of the catalogue in `en.ts`.
 */
export const enFields = Object.fromEntries([
  ...[...settingFields, ...interfaceFields].flatMap(({ path, label, hint, help, input }) => [
    [`label.${path}`, label],
    [`hint.${path}`, hint],
    [`help.${path}`, help],
    ...("choices" in input
      ? input.choices.map((choice) => [`choice.${path}.${choice.value}`, choice.label])
      : []),
  ]),
  ...proxySchemeNames.map((name) => {
    const { label, labelWithSocks = label } = proxySchemes[name];
    return [`withSocks.${name}`, labelWithSocks];
  }),
]) as Readonly<Record<FieldKey, string>>; // made of the lists that FieldKey is made of
