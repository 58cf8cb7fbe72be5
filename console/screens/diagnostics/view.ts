import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import type { Context } from "../../contract/contract.ts";
import type { Block, Page } from "../../page/page.ts";
import type { PlainKey, Words } from "../../words/words.ts";
import { explain } from "../shared/explain.ts";
import { outcomeCell } from "../shared/outcome.ts";
import { subjectText } from "../shared/subject.ts";
import { type DiagnosticsState, firstFailure, isTested, untested, warned } from "./model.ts";

const longestHeldDetail = 320;

export function diagnosticsView(state: DiagnosticsState, context: Context): Page {
  const { words } = context;
  const chosen = state.results[state.selected];
  return {
    title: words.say(state.typed === null ? "diagnostics.title" : "diagnostics.typedTitle"),
    blocks: [
      // It has been read while the checks ran.
      { kind: "text", text: words.say(introOf(state)), style: "muted", optional: true },
      summary(state, context),
      ...(chosen ? explanation(chosen, state, context) : []),
      { kind: "hold" },
      { kind: "gap", optional: true },
      ...(state.results.length > 0 ? [table(state, context)] : []),
      ...(chosen && isLong(chosen, context) ? [detailOf(chosen, context)] : []),
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
  const subjectsOf = (results: readonly CheckResult[]) => ({
    subjects: results.map((each) => subjectText(each, words)).join(", "),
  });
  const warnings = warned(state.results);
  if (warnings.length > 0) {
    const text = words.say("diagnostics.warned", subjectsOf(warnings));
    return { kind: "text", text, style: "warning" };
  }
  const missed = untested(state);
  if (missed.length > 0) {
    const key = isTested(state) ? "diagnostics.typedPartly" : "diagnostics.typedNothing";
    return { kind: "text", text: words.say(key, subjectsOf(missed)), style: "warning" };
  }
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

/** Of the chosen row, above the table: the first failure's is what one looks for. */
function explanation(result: CheckResult, state: DiagnosticsState, context: Context): Block[] {
  const { words } = context;
  const isNamed = !state.running && result === state.results[firstFailure(state.results)];
  const heading: Block = { kind: "heading", text: subjectText(result, words) };
  // As many blocks as with a heading: line mode knows the table by its place.
  const none: Block = { kind: "facts", facts: [] };
  const facts = isLong(result, context) ? { ...result, detail: "", facts: [] } : result;
  return [
    { kind: "gap", optional: true },
    isNamed ? none : heading,
    result.outcome === "skipped"
      ? skippedBlock(result, words)
      : { kind: "facts", facts: explain(facts, words) },
  ];
}

/** Whether what was found would leave no room for the table. */
function isLong(result: CheckResult, { words }: Context): boolean {
  return (
    result.outcome !== "skipped" &&
    words.facts({ facts: result.facts, text: result.detail }).length > longestHeldDetail
  );
}

function detailOf(result: CheckResult, { words }: Context): Block {
  return { kind: "facts", facts: explain({ ...result, code: null }, words) };
}

function skippedBlock({ facts, detail }: CheckResult, words: Words): Block {
  const why = words.facts({ facts, text: detail });
  const text =
    why === ""
      ? words.say("diagnostics.skipped")
      : words.say("diagnostics.skippedBecause", { why });
  return { kind: "text", text, style: "muted" };
}
