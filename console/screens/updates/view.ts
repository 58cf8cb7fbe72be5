import type { AgentStatus } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";
import { ago } from "../../contract/times.ts";
import type { Block, Cell, Page } from "../../page/page.ts";
import type { PlainKey } from "../../words/words.ts";
import { listWindow } from "../shared/choosing.ts";
import { faultText } from "../shared/explain.ts";
import { listKeys } from "../shared/list-keys.ts";
import type { UpdatesState } from "./model.ts";

type Item = NonNullable<AgentStatus["content"]>[number];

const states: Readonly<Record<string, { label: PlainKey; style: NonNullable<Cell["style"]> }>> = {
  known: { label: "updates.state.known", style: "normal" },
  fetching: { label: "updates.state.fetching", style: "normal" },
  fetched: { label: "updates.state.fetched", style: "good" },
  refused: { label: "updates.state.refused", style: "bad" },
};

/** Rows around the list: installed versions, and why the chosen update was refused. */
const otherRows = 16;

export function updatesView(state: UpdatesState, context: Context): Page {
  const { words, status } = context;
  const items = status?.agent?.content ?? [];
  const selected = Math.max(0, Math.min(state.selected, items.length - 1));
  const chosen = items[selected];
  const { top, shown } = listWindow(selected, items.length, context.rows, otherRows);
  const blocks: Block[] = [
    {
      kind: "facts",
      facts: [
        {
          label: words.say("updates.installed"),
          value: { text: status?.software.version ?? "", style: "strong" },
        },
        ...checkFacts(context),
      ],
    },
    { kind: "gap" },
  ];
  if (items.length === 0)
    blocks.push({ kind: "text", text: words.say("updates.none"), style: "muted" });
  else
    blocks.push({
      kind: "table",
      indent: 3,
      columns: [
        { header: words.say("updates.column.name"), grow: true },
        { header: words.say("updates.column.version"), grow: true },
        { header: words.say("updates.column.state") },
        { header: words.say("updates.column.size"), align: "right" },
      ],
      selected: selected - top,
      rows: items.slice(top, top + shown).map((item) => row(item, context)),
    });
  if (shown < items.length)
    blocks.push({
      kind: "text",
      text: words.say("list.part", { first: top + 1, last: top + shown, total: items.length }),
      style: "muted",
    });
  if (chosen?.code) {
    const text = faultText(
      { code: chosen.code, detail: chosen.detail ?? "", facts: chosen.facts },
      words,
    );
    blocks.push(
      { kind: "gap" },
      {
        kind: "text",
        label: { text: "!", style: "bad" },
        text: `${text} ${words.error(chosen.code).remedy}`,
        style: "bad",
      },
    );
  }
  return {
    title: words.say("updates.title"),
    blocks,
    keys: listKeys(context, { key: "F5", label: words.say("key.checkNow") }),
  };
}

function checkFacts({ words, status, nowMs }: Context): { label: string; value: Cell }[] {
  const check = status?.agent?.contentCheck;
  const label = words.say("updates.checked");
  if (!check) return [{ label, value: { text: words.say("home.never"), style: "muted" } }];
  const facts = [
    {
      label,
      value: {
        text: check.at === null ? words.say("home.never") : ago(check.at, nowMs, words),
      } satisfies Cell,
    },
  ];
  if (check.failure === null) return facts;
  const { what, remedy } = words.error(check.failure.code);
  return [
    ...facts,
    { label: words.say("updates.failure"), value: { text: `${what} ${remedy}`, style: "bad" } },
  ];
}

function row(item: Item, { words }: Context): Cell[] {
  const known = states[item.state];
  const percent = Math.floor((item.received / item.length) * 100);
  return [
    {
      text: words.say(item.kind === "software" ? "updates.software" : "updates.signatures", {
        name: item.name,
      }),
    },
    { text: item.version },
    item.state === "fetching"
      ? { text: words.say("updates.fetchingPercent", { percent }) }
      : { text: known ? words.say(known.label) : item.state, style: known?.style ?? "normal" },
    {
      text: words.say("updates.megabytes", { count: (item.length / 1e6).toFixed(1) }),
      style: "muted",
    },
  ];
}
