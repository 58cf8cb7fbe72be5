import type { EgressEntry, EgressParty } from "../../../src/configd/api/egress.ts";
import type { Context } from "../../contract/contract.ts";
import { ago, clockText } from "../../contract/times.ts";
import type { Block, Cell, Page } from "../../page/page.ts";
import type { PlainKey, Words } from "../../words/words.ts";
import { listWindow } from "../shared/choosing.ts";
import { listKeys } from "../shared/list-keys.ts";
import type { EgressState } from "./model.ts";

const parties: Readonly<Record<EgressParty, PlainKey>> = {
  agent: "egress.by.agent",
  doctor: "egress.by.doctor",
  resolver: "egress.by.resolver",
  time: "egress.by.time",
  dhcp: "egress.by.dhcp",
  scan: "egress.by.scan",
  console: "egress.by.console",
};

/** Rows around the list: heading, facts of the chosen entry, and the rows of every screen. */
const otherRows = 17;

export function egressView({ ledger, selected, failed }: EgressState, context: Context): Page {
  const { words } = context;
  const entries = ledger?.entries ?? [];
  const at = Math.max(0, Math.min(selected, entries.length - 1));
  const chosen = entries[at];
  const blocks: Block[] = [
    { kind: "text", text: words.say("egress.intro"), style: "muted" },
    { kind: "gap" },
  ];
  if (ledger === null) {
    if (!failed) blocks.push({ kind: "text", text: words.say("egress.waiting") });
  } else if (chosen === undefined)
    blocks.push({ kind: "text", text: words.say("egress.none"), style: "muted" });
  else
    blocks.push(
      ...listBlocks(entries, at, context),
      { kind: "gap" },
      { kind: "facts", facts: factsOf(chosen, words) },
    );
  if (ledger !== null && ledger.dropped > 0)
    blocks.push({
      kind: "text",
      text: words.say("egress.dropped", { count: ledger.dropped }),
      style: "muted",
    });
  return {
    title: words.say("egress.title"),
    blocks,
    keys: listKeys(context, { key: "F5", label: words.say("key.lookAgain") }),
  };
}

/** Shows the part of the list around the chosen entry, so that its facts stay visible. */
function listBlocks(
  entries: readonly EgressEntry[],
  at: number,
  { words, rows, nowMs }: Context,
): Block[] {
  const { top, shown } = listWindow(at, entries.length, rows, otherRows);
  const part = entries.slice(top, top + shown);
  return [
    {
      kind: "table",
      indent: 3,
      columns: [
        { header: words.say("egress.column.by") },
        { header: words.say("egress.column.host"), grow: true },
        { header: words.say("egress.column.count"), align: "right" },
        { header: words.say("egress.column.last") },
      ],
      selected: at - top,
      rows: part.map((entry): Cell[] => [
        { text: words.say(parties[entry.by]) },
        { text: placeOf(entry, words) },
        { text: entry.count === null ? words.say("outcome.none") : String(entry.count) },
        { text: ago(entry.lastAt, nowMs, words), style: "muted" },
      ]),
    },
    ...(part.length < entries.length
      ? [
          {
            kind: "text",
            text: words.say("list.part", {
              first: top + 1,
              last: top + part.length,
              total: entries.length,
            }),
            style: "muted",
          } as const,
        ]
      : []),
  ];
}

function placeOf({ host: name, place, port, protocol }: EgressEntry, words: Words): string {
  const host = words.facts({ facts: place && [place], text: name });
  if (port === 0) return host;
  if (protocol === "udp") return words.say("egress.place.udp", { host, port });
  if (protocol === "tcp") return words.say("egress.place.tcp", { host, port });
  return words.say("egress.place.any", { host, port });
}

function factsOf(entry: EgressEntry, words: Words): { label: string; value: Cell }[] {
  const { addresses, why, reason, firstAt, lastAt } = entry;
  return [
    { label: words.say("egress.to"), value: { text: placeOf(entry, words), style: "strong" } },
    ...(addresses.length === 0
      ? []
      : [{ label: words.say("egress.addresses"), value: { text: addresses.join(", ") } }]),
    {
      label: words.say("egress.why"),
      value: { text: words.facts({ facts: reason && [reason], text: why }) },
    },
    {
      label: words.say("egress.times"),
      value: {
        text: words.say("egress.between", { first: clockText(firstAt), last: clockText(lastAt) }),
        style: "muted",
      },
    },
  ];
}
