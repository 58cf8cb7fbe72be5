import type { Context } from "../../contract/contract.ts";
import { visibleText } from "../../fields/text-field.ts";
import type { Block, Page } from "../../page/page.ts";
import type { PlainKey } from "../../words/words.ts";
import { listKeys } from "../shared/list-keys.ts";
import {
  type LogEntry,
  type LogSource,
  type LogsState,
  logRows,
  logSources,
  shownEntries,
} from "./model.ts";

const labels: Readonly<Record<LogSource, PlainKey>> = {
  agent: "logs.agent",
  system: "logs.system",
  network: "logs.network",
};

export function logsView(state: LogsState, context: Context): Page {
  const { words, rows } = context;
  const shown = shownEntries(state);
  const visible = logRows(rows, state.whole);
  const last = Math.max(0, shown.length - visible);
  const top = state.following ? last : Math.min(state.top, last);
  const part = shown.slice(top, top + visible);
  const filterWidth = 30;
  const blocks: Block[] = [
    {
      kind: "field",
      label: words.say("logs.source"),
      focused: !state.filtering,
      value: {
        type: "choice",
        options: logSources.map((source) => words.say(labels[source])),
        selected: logSources.indexOf(state.source),
      },
    },
    {
      kind: "field",
      label: words.say("logs.filter"),
      focused: state.filtering,
      value: {
        type: "text",
        width: filterWidth,
        ...visibleText(
          state.filtering ? state.filter : { text: state.filter.text, cursor: 0 },
          filterWidth,
          false,
        ),
      },
    },
    {
      kind: "text",
      text: words.say(state.following ? "logs.following" : "logs.standing", {
        first: shown.length === 0 ? 0 : top + 1,
        last: top + part.length,
        total: shown.length,
      }),
      style: "muted",
    },
  ];
  if (state.failure !== null)
    blocks.push({
      kind: "text",
      label: { text: "!", style: "bad" },
      text: state.failure,
      style: "bad",
    });
  else if (shown.length === 0)
    blocks.push({
      kind: "text",
      text: words.say(state.asked ? "logs.waiting" : "logs.none"),
      style: "muted",
    });
  else
    blocks.push({
      kind: "table",
      columns: [{}, { fromWidth: 100 }, { grow: true, wraps: state.whole }],
      rows: part.map((entry) => [
        { text: timeOf(entry), style: "muted" },
        { text: entry.from, style: "muted" },
        { text: textOf(entry, words), style: styleOf(entry) },
      ]),
    });
  return {
    title: words.say("logs.title"),
    blocks,
    keys: listKeys(
      context,
      { key: "F3", label: words.say("key.filter") },
      { key: "f", label: words.say("key.follow") },
      { key: "Enter", label: words.say(state.whole ? "key.oneRow" : "key.wholeLines") },
    ),
  };
}

/** The time with its day, because the appliance may have run for weeks. */
function timeOf({ at }: LogEntry): string {
  return new Date(at).toISOString().slice(5, 19).replace("T", " ");
}

/** Marks an error or a warning by a word, not by its colour alone. */
function textOf({ priority, text }: LogEntry, words: Context["words"]): string {
  if (priority <= 3) return words.say("logs.error", { text });
  return priority === 4 ? words.say("logs.warning", { text }) : text;
}

function styleOf({ priority }: LogEntry): "bad" | "warning" | "normal" {
  if (priority <= 3) return "bad";
  return priority === 4 ? "warning" : "normal";
}
