import {
  consoleFormOf,
  scanFormOf,
  timeFormOf,
  withConsoleForm,
  withScanForm,
  withTimeForm,
} from "../../../src/settings/form.ts";
import type { Context } from "../../contract/contract.ts";
import {
  credentialRules,
  exclusionRules,
  hostListRules,
  numberRules,
  timeZoneRules,
} from "../../fields/rules.ts";
import type { Block } from "../../page/page.ts";
import { layoutNote, layoutOptions } from "../shared/layouts.ts";
import type { SettingsForm } from "./model.ts";

export const timeForm: SettingsForm<"timeServers"> = {
  name: "time",
  title: "time.title",
  intro: "time.intro",
  help: "help.time",
  names: ["timeServers"],
  start: timeFormOf,
  fields: (_texts, { words }) => [
    {
      kind: "text",
      name: "timeServers",
      label: "time.servers",
      hint: words.say("time.hint.servers"),
      help: "help.time.servers",
      rules: hostListRules,
      width: 48,
    },
  ],
  wish: withTimeForm,
};

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

export const limitsForm: SettingsForm<"exclusions" | "timeZone"> = {
  name: "limits",
  title: "limits.title",
  intro: "limits.intro",
  help: "help.limits",
  names: ["exclusions", "timeZone"],
  start: scanFormOf,
  fields: (_texts, { words }) => [
    {
      kind: "text",
      name: "exclusions",
      label: "limits.exclusions",
      hint: words.say("limits.hint.exclusions"),
      help: "help.limits.exclusions",
      rules: exclusionRules,
      width: 48,
    },
    {
      kind: "text",
      name: "timeZone",
      label: "limits.timeZone",
      hint: words.say("limits.hint.timeZone"),
      help: "help.limits.timeZone",
      rules: timeZoneRules,
      width: 30,
    },
  ],
  wish: withScanForm,
};

/** `trial` is no setting: what is typed there shows what the keys mean. */
export const consoleForm: SettingsForm<"language" | "keyboard" | "trial" | "lockAfterMinutes"> = {
  name: "console",
  title: "console.title",
  intro: "console.intro",
  help: "help.console",
  names: ["language", "keyboard", "lockAfterMinutes"],
  start: (settings) => ({ ...consoleFormOf(settings), trial: "" }),
  fields: ({ keyboard }, context) => {
    const { words } = context;
    return [
      {
        kind: "choice",
        name: "language",
        label: "console.language",
        hint: words.say("console.hint.language"),
        help: "help.console.language",
        options: [{ value: "en", label: words.say("console.english") }],
      },
      {
        kind: "choice",
        name: "keyboard",
        label: "console.keyboard",
        hint: words.say("console.hint.keyboard"),
        help: "help.console.keyboard",
        options: layoutOptions(words),
        list: true,
        note: layoutNote(keyboard, context),
      },
      {
        kind: "text",
        name: "trial",
        label: "console.trial",
        hint: words.say("console.hint.trial"),
        help: "help.console.trial",
        rules: credentialRules,
        width: 30,
      },
      {
        kind: "text",
        name: "lockAfterMinutes",
        label: "console.lockAfter",
        hint: words.say("console.hint.lockAfter"),
        help: "help.console.lock",
        rules: numberRules,
        width: 6,
      },
    ];
  },
  wish: (settings, { keyboard, lockAfterMinutes }) =>
    withConsoleForm(settings, { language: "en", keyboard, lockAfterMinutes }),
};
