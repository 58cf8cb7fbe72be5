import type { ToolName } from "../../../src/configd/api/tool-names.ts";
import type { ToolAnswer } from "../../../src/configd/api/tool-shapes.ts";
import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import {
  type FormState,
  formTexts,
  showAllErrors,
  startForm,
  updateForm,
  withText,
} from "../../fields/form.ts";
import { type Name, toolErrors, toolFields, toolOf } from "./fields.ts";
import { requestOf } from "./request.ts";

export interface ToolsState {
  readonly form: FormState<Name>;
  /** The tool that runs, since when by the appliance's clock, and whether it is to stop. */
  readonly running: { tool: ToolName; sinceMs: number; isStopping: boolean } | null;
  readonly answer: ToolAnswer | null;
}

export function startTools(context: Context): ToolsState {
  return {
    form: startForm<Name>({
      tool: "ping",
      role: "lan",
      target: usualTarget("ping", context),
      type: "address",
      server: "",
      port: "443",
      way: "proxy",
      kind: "all",
      host: "",
      seconds: "30",
    }),
    running: null,
    answer: null,
  };
}

export const toolsModel: ScreenModel<ToolsState> = {
  name: "tools",
  title: "tools.title",
  update(state: ToolsState, event: ScreenEvent, context: Context): Step<ToolsState> {
    switch (event.type) {
      case "key": {
        if (event.key.name === "escape") return stop(state);
        const step = updateForm(state.form, event.key, toolFields(state.form, context));
        const next = { ...state, form: withUsualTarget(state.form, step.form, context) };
        return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
      }
      case "reply":
        return event.verb === "runTool"
          ? { state: { ...state, running: null, answer: event.reply } }
          : { state };
      case "failed":
        return {
          state: event.verb === "runTool" ? { ...state, running: null } : state,
          effects: [
            { type: "message", text: failureText(event.failure, context.words), style: "bad" },
          ],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.tools"],
};

/** The gateway to ping, the platform for all else; "" where there is none. */
function usualTarget(tool: ToolName, { status }: Context): string {
  if (tool === "ping") return status?.interfaces.find(({ role }) => role === "lan")?.gateway ?? "";
  const url = status?.settings.platform.url ?? "";
  return URL.canParse(url) ? new URL(url).hostname : "";
}

/** Another tool has another usual target; one that was typed stays. */
function withUsualTarget(
  before: FormState<Name>,
  after: FormState<Name>,
  context: Context,
): FormState<Name> {
  const [old, chosen] = [toolOf(before), toolOf(after)];
  return old === chosen || formTexts(after).target !== usualTarget(old, context)
    ? after
    : withText(after, "target", usualTarget(chosen, context));
}

/** Esc ends what runs, which then answers with what it has; else it leaves the screen. */
function stop(state: ToolsState): Step<ToolsState> {
  if (state.running === null) return { state, handled: false };
  if (state.running.isStopping) return { state };
  return {
    state: { ...state, running: { ...state.running, isStopping: true } },
    effects: [{ type: "ask", verb: "stopTool", request: {} }],
  };
}

function submit(state: ToolsState, context: Context): Step<ToolsState> {
  if (state.running !== null) return { state };
  const errors = toolErrors(state.form, context);
  if (Object.keys(errors).length > 0) {
    const form = showAllErrors(state.form, errors, toolFields(state.form, context));
    return { state: { ...state, form } };
  }
  const running = { tool: toolOf(state.form), sinceMs: context.nowMs, isStopping: false };
  return {
    state: { ...state, running, answer: null },
    effects: [{ type: "ask", verb: "runTool", request: requestOf(state.form, context) }],
  };
}
