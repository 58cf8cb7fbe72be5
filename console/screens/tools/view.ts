import type { Context } from "../../contract/contract.ts";
import { formBlocks, onButton } from "../../fields/form.ts";
import type { Block, Page } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";
import { formKeys } from "../shared/form-keys.ts";
import { type ToolsState, toolErrors, toolFields } from "./model.ts";
import { pingVerdict } from "./verdict.ts";

export function toolsView(state: ToolsState, context: Context): Page {
  const { words, columns } = context;
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
      ...verdictBlocks(state.lines, words),
      ...(state.lines.length === 0 ? [words.say("tools.nothing")] : state.lines).map(
        (line): Block => lineBlock(line, columns),
      ),
    );
  return {
    title: words.say("tools.title"),
    blocks,
    keys: formKeys(context, { key: "F2", label: words.say("tools.try") }),
  };
}

/** A ping's result in one line, above what the program printed. */
function verdictBlocks(lines: readonly string[], words: Words): Block[] {
  const verdict = pingVerdict(lines);
  if (verdict === null) return [];
  const { sent, answered, average } = verdict;
  const text =
    average === null
      ? words.say("tools.verdict", { answered, sent })
      : words.say("tools.verdictTime", { answered, sent, average });
  return [{ kind: "text", text, style: answered === sent ? "good" : "warning" }];
}

/** A line as it was printed; one that is too long for the screen goes on in the next row. */
function lineBlock(line: string, columns: number): Block {
  return line.length < columns - 4
    ? { kind: "verbatim", lines: [line] }
    : { kind: "text", text: line };
}
