import type { Review } from "../../../src/configd/api/shapes.ts";
import type { Context } from "../../contract/contract.ts";
import type { Block, Page } from "../../page/page.ts";
import type { PlainKey } from "../../words/words.ts";
import { beforeText } from "../shared/change-text.ts";
import { problemText } from "../shared/form-problems.ts";
import { canApply, netplanRows, type ReviewState } from "./model.ts";

export function reviewView(state: ReviewState, context: Context): Page {
  const { words, rows } = context;
  const { review } = state;
  const blocks: Block[] = [];
  if (review === null) {
    if (state.phase === "asking") blocks.push({ kind: "text", text: words.say("review.waiting") });
  } else if (state.showsNetplan) {
    const lines = review.netplan.trimEnd().split("\n");
    const shown = lines.slice(state.top, state.top + netplanRows(rows));
    const place = words.say("review.yamlLines", {
      first: state.top + 1,
      last: state.top + shown.length,
      total: lines.length,
    });
    blocks.push(
      { kind: "text", text: words.say("review.yaml"), style: "muted" },
      { kind: "gap" },
      { kind: "verbatim", lines: shown },
    );
    if (lines.length > shown.length) blocks.push({ kind: "text", text: place, style: "muted" });
  } else blocks.push(...changeBlocks(review, context));
  if (state.phase === "applying")
    blocks.push(
      { kind: "gap" },
      { kind: "text", text: words.say("review.applying"), style: "strong" },
    );
  if (state.failure !== null)
    blocks.push(
      { kind: "gap" },
      { kind: "text", label: { text: "!", style: "bad" }, text: state.failure, style: "bad" },
    );
  if (state.phase !== "applying")
    blocks.push(
      { kind: "gap" },
      canApply(state)
        ? {
            kind: "buttons",
            labels: [words.say("review.apply"), words.say(backLabel(state))],
            selected: state.selected,
          }
        : { kind: "buttons", labels: [words.say(backLabel(state))], selected: 0 },
    );
  return {
    title: words.say("review.title"),
    blocks,
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.choose") },
      { key: "F2", label: words.say("key.apply") },
      { key: "F4", label: words.say(state.showsNetplan ? "key.changes" : "key.yaml") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
      { key: "F10", label: words.say("key.menu") },
    ],
  };
}

function backLabel({ restores }: ReviewState): PlainKey {
  return restores === null ? "review.back" : "review.backToHistory";
}

function changeBlocks(review: Review, { words }: Context): Block[] {
  if (review.problems.length > 0)
    return [
      { kind: "text", text: words.say("review.problems"), style: "bad" },
      ...review.problems.map(
        (problem): Block => ({
          kind: "text",
          label: { text: "!", style: "bad" },
          text: problemText(problem, words),
        }),
      ),
    ];
  if (review.changes.length === 0)
    return [{ kind: "text", text: words.say("review.nothing"), style: "warning" }];
  return [
    { kind: "text", text: words.say("review.intro"), style: "muted" },
    { kind: "gap" },
    {
      kind: "table",
      columns: [
        { header: words.say("review.column.field") },
        { header: words.say("review.column.before"), grow: true, wraps: true },
        { header: "" },
        { header: words.say("review.column.after"), grow: true, wraps: true },
      ],
      rows: review.changes.map((change) => [
        { text: words.term(change.field) },
        { text: beforeText(change, words), style: "muted" },
        { text: "->" },
        { text: words.term(change.after), style: "strong" },
      ]),
    },
    { kind: "gap" },
    { kind: "text", text: words.say(review.needsTrial ? "review.needsTrial" : "review.noTrial") },
  ];
}
