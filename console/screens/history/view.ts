import type { KeptConfiguration } from "../../../src/configd/api/shapes.ts";
import { describeChanges } from "../../../src/settings/changes.ts";
import type { Context } from "../../contract/contract.ts";
import { clockText } from "../../contract/times.ts";
import type { Block, Page } from "../../page/page.ts";
import type { PlainKey, Words } from "../../words/words.ts";
import type { HistoryState } from "./model.ts";

export function historyView(state: HistoryState, context: Context): Page {
  const { words } = context;
  const { entries, selected } = state;
  const blocks: Block[] = [
    { kind: "text", text: words.say("history.intro"), style: "muted" },
    { kind: "gap" },
  ];
  if (entries === null) {
    // The message has the reason.
    if (!state.failed) blocks.push({ kind: "text", text: words.say("history.waiting") });
  } else if (entries.length === 0)
    blocks.push({ kind: "text", text: words.say("history.none"), style: "warning" });
  else {
    const chosen = entries[selected];
    blocks.push({
      kind: "table",
      indent: 3,
      columns: [
        { header: words.say("history.column.when") },
        { header: words.say("history.column.who"), grow: true },
        { header: words.say("history.column.what"), grow: true },
      ],
      selected,
      rows: entries.map((entry, index) => [
        { text: clockText(entry.keptAt) },
        { text: originText(entry, words) },
        {
          text: index === 0 ? words.say("history.present") : summary(entry, words),
          style: index === 0 ? "strong" : "muted",
        },
      ]),
    });
    if (chosen && selected > 0)
      blocks.push({ kind: "gap" }, ...differenceBlocks(chosen, context), {
        kind: "text",
        text: words.say("history.restoreHint"),
        style: "strong",
      });
    if (chosen) blocks.push({ kind: "gap", optional: true }, ...changeBlocks(chosen, words));
  }
  return {
    title: words.say("history.title"),
    blocks,
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.choose") },
      { key: "F2", label: words.say("key.restore") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
      { key: "F10", label: words.say("key.menu") },
    ],
  };
}

const origins: Readonly<Record<KeptConfiguration["by"]["how"], PlainKey>> = {
  console: "origin.console",
  "command-line": "origin.commandLine",
  platform: "origin.platform",
  "zero-touch": "origin.zeroTouch",
  recovery: "origin.recovery",
  "by-hand": "origin.byHand",
};

function originText({ by }: KeptConfiguration, words: Words): string {
  return by.who === "" ? words.say(origins[by.how]) : `${words.say(origins[by.how])} (${by.who})`;
}

function summary({ changes }: KeptConfiguration, words: Words): string {
  return changes.length === 0
    ? words.say("history.first")
    : changes.map(({ field }) => words.term(field)).join(", ");
}

/** The entry's settings beside those of now. Passwords are not in the history. */
function differenceBlocks({ settings }: KeptConfiguration, { words, status }: Context): Block[] {
  if (status === null) return [];
  const unchanged = { before: false, after: false, replaced: false };
  const differences = describeChanges(status.settings, settings, unchanged);
  if (differences.length === 0)
    return [{ kind: "text", text: words.say("history.same"), style: "muted" }];
  return [
    { kind: "heading", text: words.say("history.differs") },
    {
      kind: "table",
      columns: [
        { header: words.say("review.column.field") },
        { header: words.say("review.column.before"), grow: true, wraps: true },
        { header: words.say("history.column.then"), grow: true, wraps: true },
      ],
      rows: differences.map(({ field, before, after }) => [
        { text: words.term(field) },
        { text: words.term(before), style: "muted" },
        { text: words.term(after), style: "strong" },
      ]),
    },
  ];
}

function changeBlocks({ changes, by }: KeptConfiguration, words: Words): Block[] {
  const why: Block[] =
    by.why === ""
      ? []
      : [
          {
            kind: "text",
            text: words.say("history.why", {
              why: words.facts({ facts: by.reason && [by.reason], text: by.why }),
            }),
            style: "muted",
          },
        ];
  if (changes.length === 0) return why;
  return [
    ...why,
    { kind: "heading", text: words.say("history.changed") },
    {
      kind: "table",
      columns: [{}, { grow: true }],
      rows: changes.map(({ field, before, after }) => [
        { text: words.term(field) },
        {
          text: words.say("trial.change", { before: words.term(before), after: words.term(after) }),
        },
      ]),
    },
  ];
}
