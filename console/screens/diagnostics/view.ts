import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import type { Context } from "../../contract/contract.ts";
import type { Block, Page } from "../../page/page.ts";
import type { PlainKey, Words } from "../../words/words.ts";
import { explain } from "../shared/explain.ts";
import { outcomeCell } from "../shared/outcome.ts";
import { subjectText } from "../shared/subject.ts";
import { type DiagnosticsState, firstFailure } from "./model.ts";

export function diagnosticsView(state: DiagnosticsState, context: Context): Page {
  const { words } = context;
  const chosen = state.results[state.selected];
  return {
    title: words.say(state.typed === null ? "diagnostics.title" : "diagnostics.typedTitle"),
    blocks: [
      { kind: "text", text: words.say(introOf(state)), style: "muted" },
      summary(state, context),
      { kind: "gap", optional: true },
      ...(state.results.length > 0 ? [table(state, context)] : []),
      ...(chosen ? ([{ kind: "gap" }, ...explanation(chosen, context)] as const) : []),
    ],
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.choose") },
      { key: "F5", label: words.say("key.again") },
      { key: "r", label: words.say("key.check") },
      ...(chosen?.authorities ? [{ key: "t", label: words.say("key.trustSeen") }] : []),
      { key: "F6", label: words.say("key.tools") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
      { key: "F7", label: words.say("key.contacts") },
      { key: "F10", label: words.say("key.menu") },
    ],
  };
}

/** Of what is typed, each form says what can be tested and what the trial alone shows. */
function introOf({ typed }: DiagnosticsState): PlainKey {
  return typed === null ? "diagnostics.intro" : `diagnostics.typed.${typed.from}`;
}

function summary(state: DiagnosticsState, { words }: Context): Block {
  if (state.running)
    return { kind: "text", text: words.say("diagnostics.running"), style: "strong" };
  if (state.failure !== null) {
    const { what, remedy } = words.error(state.failure.code);
    return { kind: "text", text: words.say("diagnostics.failed", { what, remedy }), style: "bad" };
  }
  const failed = state.results[firstFailure(state.results)];
  if (failed)
    return {
      kind: "text",
      text: words.say("diagnostics.firstFailure", { subject: subjectText(failed, words) }),
      style: "bad",
    };
  const good = state.typed === null ? "diagnostics.allGood" : "diagnostics.typedGood";
  return { kind: "text", text: words.say(good), style: "good" };
}

function table(state: DiagnosticsState, { words }: Context): Block {
  return {
    kind: "table",
    indent: 3,
    columns: [
      { header: words.say("diagnostics.column.check"), grow: true },
      { header: words.say("diagnostics.column.result") },
      { header: words.say("diagnostics.column.took"), align: "right" },
      { header: words.say("diagnostics.column.detail"), grow: true, fromWidth: 100 },
    ],
    selected: state.selected,
    rows: state.results.map((result) => [
      { text: subjectText(result, words) },
      outcomeCell(result, words),
      {
        text:
          result.outcome === "skipped"
            ? ""
            : words.say("diagnostics.took", { milliseconds: Math.round(result.durationMs) }),
        style: "muted",
      },
      { text: words.facts({ facts: result.facts, text: result.detail }), style: "muted" },
    ]),
  };
}

function explanation(result: CheckResult, { words }: Context): Block[] {
  if (result.outcome === "skipped") return [skippedBlock(result, words)];
  return [{ kind: "facts", facts: explain(result, words) }];
}

function skippedBlock({ facts, detail }: CheckResult, words: Words): Block {
  const why = words.facts({ facts, text: detail });
  const text =
    why === ""
      ? words.say("diagnostics.skipped")
      : words.say("diagnostics.skippedBecause", { why });
  return { kind: "text", text, style: "muted" };
}
