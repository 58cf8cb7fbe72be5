import {
  captureKinds,
  captureSeconds,
  recordTypes,
  type ToolName,
  toolNames,
} from "../../../src/configd/api/tool-names.ts";
import { type FieldValue, problemAt } from "../../../src/settings/values/field-value.ts";
import { parsePort } from "../../../src/settings/values/names.ts";
import {
  parseToolAddress,
  parseToolHost,
  parseToolSeconds,
} from "../../../src/settings/values/tool-inputs.ts";
import type { Context } from "../../contract/contract.ts";
import {
  type ChoiceDefinition,
  type FieldDefinition,
  type FormState,
  formTexts,
  type TextDefinition,
} from "../../fields/form.ts";
import { textRules } from "../../fields/rules.ts";
import type { PlainKey, Words } from "../../words/words.ts";

export const fieldNames = [
  "tool",
  "role",
  "target",
  "type",
  "server",
  "port",
  "way",
  "kind",
  "host",
  "seconds",
] as const;
export type Name = (typeof fieldNames)[number];

/** The fields that each tool takes, beside the tool and the side. */
const fieldsOf: Readonly<Record<ToolName, readonly Name[]>> = {
  ping: ["target"],
  "look-up": ["target", "type", "server"],
  trace: ["target", "port"],
  tls: ["target", "port", "way"],
  capture: ["kind", "host", "seconds"],
};

export function toolOf(form: FormState<Name>): ToolName {
  return toolNames.find((name) => name === formTexts(form).tool) ?? "ping";
}

const toolLabels = {
  ping: "tools.ping",
  "look-up": "tools.lookUp",
  trace: "tools.trace",
  tls: "tools.tls",
  capture: "tools.capture",
} as const satisfies Record<ToolName, PlainKey>;

const kindLabels = {
  all: "tools.kind.all",
  dns: "tools.kind.dns",
  dhcp: "tools.kind.dhcp",
  tcp: "tools.kind.tcp",
  icmp: "tools.kind.icmp",
  arp: "tools.kind.arp",
} as const satisfies Record<(typeof captureKinds)[number], PlainKey>;

/** The fields as they are now: they follow from the tool, and from the sides and the proxy there are. */
export function toolFields(form: FormState<Name>, context: Context): FieldDefinition<Name>[] {
  const { words, status } = context;
  const roles = status?.interfaces.filter(({ role }) => role !== null) ?? [];
  const isSplit = roles.length > 1;
  const callsHome = !isSplit || formTexts(form).role === "wan";
  const hasProxy = (status?.settings.proxy.kind ?? "none") !== "none" && callsHome;
  const side: readonly Name[] = isSplit ? ["role"] : [];
  const own = fieldsOf[toolOf(form)].filter((name) => name !== "way" || hasProxy);
  const names: readonly Name[] = ["tool", ...side, ...own];
  return names.map((name) => definitionOf(name, words));
}

function definitionOf(name: Name, words: Words): FieldDefinition<Name> {
  const choice = (
    label: PlainKey,
    hint: PlainKey,
    options: ChoiceDefinition<Name>["options"],
  ): FieldDefinition<Name> => ({
    kind: "choice",
    name,
    label,
    hint: words.say(hint),
    help: "help.tools",
    options,
  });
  const text = (
    label: PlainKey,
    hint: string,
    width: number,
    note?: string,
  ): TextDefinition<Name> => ({
    kind: "text",
    name,
    label,
    hint,
    help: "help.tools",
    rules: textRules,
    width,
    note,
  });
  switch (name) {
    case "tool":
      return choice(
        "tools.tool",
        "tools.hint.tool",
        toolNames.map((value) => ({ value, label: words.say(toolLabels[value]) })),
      );
    case "role":
      return choice("tools.through", "tools.hint.through", [
        { value: "lan", label: words.say("home.roleLan") },
        { value: "wan", label: words.say("home.roleWan") },
      ]);
    case "target":
      return text("tools.target", words.say("tools.hint.target"), 44);
    case "type":
      return choice(
        "tools.type",
        "tools.hint.type",
        recordTypes.map((value) => ({
          value,
          label: value === "address" ? words.say("tools.type.address") : value,
        })),
      );
    case "server":
      return text("tools.server", words.say("tools.hint.server"), 40);
    case "port":
      return text("tools.port", words.say("tools.hint.port"), 6);
    case "way":
      return choice("tools.way", "tools.hint.way", [
        { value: "proxy", label: words.say("tools.way.proxy") },
        { value: "direct", label: words.say("tools.way.direct") },
      ]);
    case "kind":
      return choice(
        "tools.kind",
        "tools.hint.kind",
        captureKinds.map((value) => ({ value, label: words.say(kindLabels[value]) })),
      );
    case "host":
      return text("tools.host", words.say("tools.hint.host"), 40);
    case "seconds":
      return text(
        "tools.seconds",
        words.say("tools.hint.seconds", {
          least: captureSeconds.least,
          most: captureSeconds.most,
        }),
        4,
      );
  }
}

/** What is wrong with the texts of the fields that are shown. */
export function toolErrors(form: FormState<Name>, context: Context): Partial<Record<Name, string>> {
  const texts = formTexts(form);
  const judge = (name: Name): FieldValue<unknown> | null => {
    const typed = texts[name];
    switch (name) {
      case "target":
        return parseToolHost(typed);
      case "server":
      case "host":
        return typed.trim() === "" ? null : parseToolAddress(typed);
      case "port":
        return parsePort(typed);
      case "seconds":
        return parseToolSeconds(typed, captureSeconds.least, captureSeconds.most);
      default:
        return null;
    }
  };
  const errors: Partial<Record<Name, string>> = {};
  for (const { name } of toolFields(form, context)) {
    const value = judge(name);
    if (value === null || value.ok) continue;
    const { message, example } = context.words.problem(problemAt(name, value));
    errors[name] = `${message} ${example}`;
  }
  return errors;
}
