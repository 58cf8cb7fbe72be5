import type { Context } from "../../contract/contract.ts";
import { formBlocks, onButton } from "../../fields/form.ts";
import type { Block, Page } from "../../page/page.ts";
import { formKeys } from "../shared/form-keys.ts";
import { type ToolsState, toolErrors, toolFields } from "./model.ts";

export function toolsView(state: ToolsState, context: Context): Page {
  const { words } = context;
  const fields = toolFields(context);
  const button = onButton(state.form, fields);
  const blocks: Block[] = [
    { kind: "text", text: words.say("tools.intro"), style: "muted" },
    { kind: "gap" },
    ...formBlocks(state.form, fields, toolErrors(state, context), words),
    { kind: "gap" },
    { kind: "buttons", labels: [words.say("tools.try")], selected: button ? 0 : null },
    { kind: "gap" },
  ];
  if (state.running)
    blocks.push({ kind: "text", text: words.say("tools.running"), style: "strong" });
  if (state.lines !== null)
    blocks.push(
      { kind: "heading", text: words.say("tools.answer") },
      {
        kind: "verbatim",
        lines: state.lines.length === 0 ? [words.say("tools.nothing")] : state.lines,
      },
    );
  return {
    title: words.say("tools.title"),
    blocks,
    keys: formKeys(context, { key: "F2", label: words.say("tools.try") }),
  };
}
