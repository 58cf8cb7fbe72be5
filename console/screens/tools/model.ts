import type { VerbReply } from "../../../src/configd/api/api.ts";
import { pathTools } from "../../../src/configd/api/tool-names.ts";
import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import {
  type FieldDefinition,
  type FormState,
  formTexts,
  onButton,
  showAllErrors,
  startForm,
  updateForm,
} from "../../fields/form.ts";
import { textRules } from "../../fields/rules.ts";

export type Name = "tool" | "role" | "target";

export interface ToolsState {
  readonly form: FormState<Name>;
  readonly running: boolean;
  readonly lines: VerbReply<"tryPath">["lines"] | null;
}

export function startTools({ status }: Context): ToolsState {
  const gateway = status?.interfaces.find(({ role }) => role === "lan")?.gateway ?? "";
  return {
    form: startForm<Name>({ tool: "ping", role: "lan", target: gateway }),
    running: false,
    lines: null,
  };
}

export function toolFields({ words, status }: Context): FieldDefinition<Name>[] {
  const roles = status?.interfaces.filter(({ role }) => role !== null) ?? [];
  const tool: FieldDefinition<Name> = {
    kind: "choice",
    name: "tool",
    label: "tools.tool",
    hint: words.say("tools.hint.tool"),
    help: "help.tools",
    options: [
      { value: "ping", label: words.say("tools.ping") },
      { value: "look-up", label: words.say("tools.lookUp") },
      { value: "trace", label: words.say("tools.trace") },
    ],
  };
  const role: FieldDefinition<Name> = {
    kind: "choice",
    name: "role",
    label: "tools.through",
    hint: words.say("tools.hint.through"),
    help: "help.tools",
    options: [
      { value: "lan", label: words.say("home.roleLan") },
      { value: "wan", label: words.say("home.roleWan") },
    ],
  };
  return [
    tool,
    ...(roles.length > 1 ? [role] : []),
    {
      kind: "text",
      name: "target",
      label: "tools.target",
      hint: words.say("tools.hint.target"),
      help: "help.tools",
      rules: textRules,
      width: 44,
    },
  ];
}

export function toolErrors(state: ToolsState, { words }: Context): Partial<Record<Name, string>> {
  const { target } = formTexts(state.form);
  if (target.trim() === "")
    return {
      target: `${words.problem({ field: "", code: "required" }).message} ${words.say("tools.hint.target")}`,
    };
  return /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/.test(target.trim())
    ? {}
    : { target: words.say("tools.targetWrong") };
}

export const toolsModel: ScreenModel<ToolsState> = {
  name: "tools",
  title: "tools.title",
  update(state: ToolsState, event: ScreenEvent, context: Context): Step<ToolsState> {
    switch (event.type) {
      case "key": {
        const step = updateForm(state.form, event.key, toolFields(context));
        const next = { ...state, form: step.form };
        return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
      }
      case "reply":
        return event.verb === "tryPath"
          ? { state: { ...state, running: false, lines: event.reply.lines } }
          : { state };
      case "failed":
        return {
          state: { ...state, running: false },
          effects: [
            { type: "message", text: failureText(event.failure, context.words), style: "bad" },
          ],
        };
      default:
        return { state };
    }
  },
  help(state, context) {
    const fields = toolFields(context);
    return onButton(state.form, fields) ? ["help.tools"] : ["help.tools"];
  },
};

function submit(state: ToolsState, context: Context): Step<ToolsState> {
  if (state.running) return { state };
  const errors = toolErrors(state, context);
  if (Object.keys(errors).length > 0)
    return { state: { ...state, form: showAllErrors(state.form, errors, toolFields(context)) } };
  const { tool, role, target } = formTexts(state.form);
  return {
    state: { ...state, running: true, lines: null },
    effects: [
      {
        type: "ask",
        verb: "tryPath",
        request: {
          tool: pathTools.find((name) => name === tool) ?? "ping",
          role: role === "wan" ? "wan" : "lan",
          target: target.trim(),
        },
      },
    ],
  };
}
