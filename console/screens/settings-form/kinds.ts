import { type PathOf, pathsOf, textsOf, withTexts } from "../../../src/settings/form.ts";
import type { Context } from "../../contract/contract.ts";
import type { FieldDefinition } from "../../fields/form.ts";
import { textRules } from "../../fields/rules.ts";
import type { Block } from "../../page/page.ts";
import { layoutNote, layoutOptions } from "../shared/layouts.ts";
import { fieldWords, settingField } from "../shared/setting-field.ts";
import type { SettingsForm } from "./model.ts";

/** A form whose fields are just its settings, each as its own file declares it. */
function plainForm<Form extends "time" | "scan">(
  form: Form,
  screen: Pick<SettingsForm<PathOf<Form>>, "name" | "title" | "intro" | "help">,
): SettingsForm<PathOf<Form>> {
  return {
    ...screen,
    start: (settings) => textsOf(settings, form),
    fields: (_texts, { words }) => pathsOf(form).map((path) => settingField(path, words)),
    propose: (settings, texts) => withTexts(settings, texts),
  };
}

export const timeForm = plainForm("time", {
  name: "time",
  title: "time.title",
  intro: "time.intro",
  help: "help.time",
});

/** The clock as it is. */
export function clockFacts({ status, words }: Context): Block[] {
  if (status === null) return [];
  const offsetMs = status.agent?.clockOffsetMs ?? null;
  const offset =
    offsetMs === null
      ? words.say("time.offsetUnknown")
      : words.say(offsetMs < 0 ? "time.behind" : "time.ahead", {
          seconds: Math.abs(offsetMs / 1000).toFixed(1),
        });
  return [
    { kind: "gap", optional: true },
    {
      kind: "facts",
      facts: [
        {
          label: words.say("time.state"),
          value: status.clock.synchronized
            ? { text: words.say("time.synchronized"), style: "good" }
            : { text: words.say("time.unsynchronized"), style: "warning" },
        },
        { label: words.say("time.platform"), value: { text: offset } },
      ],
    },
  ];
}

export const limitsForm = plainForm("scan", {
  name: "limits",
  title: "limits.title",
  intro: "limits.intro",
  help: "help.limits",
});

type ConsoleName = PathOf<"console"> | "trial";

/** `trial` is no setting: what is typed there shows what the keys mean. */
export const consoleForm: SettingsForm<ConsoleName> = {
  name: "console",
  title: "console.title",
  intro: "console.intro",
  help: "help.console",
  start: (settings) => ({ ...textsOf(settings, "console"), trial: "" }),
  fields: (texts, context) =>
    pathsOf("console").flatMap((path) =>
      path === "console.keyboard"
        ? keyboardFields(texts[path], context)
        : [settingField(path, context.words)],
    ),
  propose: (settings, { trial: _, ...texts }) => withTexts(settings, texts),
};

function keyboardFields(keyboard: string, context: Context): FieldDefinition<ConsoleName>[] {
  const { words } = context;
  return [
    {
      ...fieldWords("console.keyboard", words),
      kind: "choice",
      options: layoutOptions(words),
      list: true,
      many: true,
      note: layoutNote(keyboard, context),
    },
    {
      kind: "text",
      name: "trial",
      label: "console.trial",
      hint: words.say("console.hint.trial"),
      help: "help.console.trial",
      rules: textRules,
      width: 30,
    },
  ];
}
