import { placedField, type SettingPath } from "../../../src/settings/fields/placed-fields.ts";
import type { FieldDefinition } from "../../fields/form.ts";
import { textRules } from "../../fields/rules.ts";
import type { PlainKey, Words } from "../../words/words.ts";

type CommonPart = Pick<FieldDefinition<SettingPath>, "name" | "label" | "hint" | "help">;

/** Name and words of the field of a setting that a screen asks for in its own way. */
export function fieldWords<Path extends SettingPath>(
  path: Path,
  words: Words,
): CommonPart & { name: Path } {
  const { ownPath } = placedField(path);
  return {
    name: path,
    label: `label.${ownPath}`,
    hint: words.say(`hint.${ownPath}`),
    help: `help.${ownPath}`,
  };
}

/** The field of a setting, as its own file declares it. */
export function settingField<Path extends SettingPath>(
  path: Path,
  words: Words,
): FieldDefinition<Path> {
  const { ownPath, field } = placedField(path);
  const common = fieldWords(path, words);
  switch (field.input.kind) {
    case "text": {
      return { ...common, kind: "text", rules: textRules, width: field.input.width };
    }
    case "choice":
      return {
        ...common,
        kind: "choice",
        options: field.input.choices.map(({ value }) => ({
          value,
          label: words.say(choiceKey(ownPath, value)),
        })),
      };
    case "yes-no":
      return {
        ...common,
        kind: "choice",
        options: [
          { value: "no", label: words.say("form.no") },
          { value: "yes", label: words.say("form.yes") },
        ],
      };
    case "own":
      throw new Error(`${path} is asked for by its screen`);
  }
}

function choiceKey(path: string, value: string): PlainKey {
  return `choice.${path}.${value}` as PlainKey; // the catalogue has one for each choice
}
