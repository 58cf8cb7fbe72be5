import { relativeTime } from "../browser/relative-time.ts";
import { type Content, type Html, html } from "./html.ts";
import type { ApplianceView, CodeStateName, CommandState, ScanState } from "./view-types.ts";

/** A moment: its age, which the browser keeps up to date, and the exact time. */
export function moment(timeMs: number | null, nowMs: number, absent = "never"): Html {
  if (timeMs === null) return html`<span class="quiet">${absent}</span>`;
  const iso = new Date(timeMs).toISOString();
  return html`<span class="moment"><time datetime="${iso}"
data-relative>${relativeTime(timeMs, nowMs)}</time> ${exactTime(timeMs)}</span>`;
}

export function exactTime(timeMs: number): Html {
  const iso = new Date(timeMs).toISOString();
  return html`<time class="quiet" datetime="${iso}" data-exact>${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

const applianceChips: Record<ApplianceView["state"], [string, string]> = {
  online: ["good", "Online"],
  silent: ["bad", "Silent"],
  never: ["waiting", "No heartbeat yet"],
  revoked: ["over", "Revoked"],
};
const scanChips: Record<ScanState, [string, string]> = {
  waiting: ["waiting", "Waiting for the appliance"],
  "given-out": ["busy", "Given out"],
  running: ["busy", "Running"],
  stopping: ["waiting", "Stopping"],
  completed: ["good", "Completed"],
  incomplete: ["warning", "Incomplete"],
  failed: ["bad", "Failed"],
  stopped: ["over", "Stopped"],
};
const codeChips: Record<CodeStateName, [string, string]> = {
  waiting: ["busy", "Waiting to be used"],
  used: ["good", "Used"],
  expired: ["over", "Expired"],
};

const commandChips: Record<CommandState, [string, string]> = {
  waiting: ["waiting", "Waiting for the appliance"],
  "given-out": ["busy", "Given out"],
  done: ["good", "Done"],
  failed: ["bad", "Failed"],
  refused: ["bad", "Refused"],
  expired: ["over", "Expired"],
  unanswered: ["warning", "No answer"],
};

export const commandChip = (state: CommandState) => chip(...commandChips[state]);
export const applianceChip = (state: ApplianceView["state"]) => chip(...applianceChips[state]);
export const scanChip = (state: ScanState) => chip(...scanChips[state]);
export const codeChip = (state: CodeStateName) => chip(...codeChips[state]);

/** A state: the kind sets colour and shape, and the word says the same without them. */
export function chip(kind: string, word: string): Html {
  return html`<span class="chip ${kind}">${word}</span>`;
}

export interface Column<Row> {
  title: string;
  cell(row: Row): Content;
  /** Aligned to the right. */
  number?: boolean;
}

/** A table that becomes a list of cards on a narrow screen. */
export function table<Row>(
  id: string,
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  rowId: (row: Row) => string,
): Html {
  const kind = (column: Column<Row>) => (column.number ? "number" : "");
  return html`<table>
<caption class="unseen">${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col" class="${kind(column)}">${column.title}</th>`)}</tr></thead>
<tbody id="${id}" data-live data-list>${rows.map(
    (row) => html`<tr
id="${id}-${rowId(row)}">${columns.map((column) => cell(column.title, column.cell(row), kind(column)))}</tr>`,
  )}</tbody>
</table>`;
}

/** A cell with its column's title, which narrow screens show beside it. */
export function cell(title: string, content: Content, kind = ""): Html {
  const filled = content !== "" && content !== undefined && content !== null && content !== false;
  return html`<td data-title="${title}" class="${kind}">${filled ? html`<div>${content}</div>` : ""}</td>`;
}

export function facts(entries: readonly (readonly [string, Content])[]): Html {
  return html`<dl class="facts">${entries.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

export function empty(title: string, next: Content): Html {
  return html`<div class="empty"><h2>${title}</h2>${next}</div>`;
}

/** A form that changes something, with the form's token. */
export function actionForm(action: string, formToken: string, content: Content, kind = ""): Html {
  return html`<form method="post" action="${action}" class="${kind}" novalidate><input
type="hidden" name="form" value="${formToken}">${content}</form>`;
}

export interface FieldOptions {
  name: string;
  label: string;
  hint?: Content;
  problem?: string | undefined;
}

/** Label, hint, control and problem, connected for screen readers. */
export function field(
  { name, label, hint, problem }: FieldOptions,
  control: (attributes: { describedBy: string; invalid: string }) => Html,
): Html {
  const describedBy = [hint === undefined ? "" : `${name}-hint`, problem ? `${name}-problem` : ""]
    .filter((id) => id !== "")
    .join(" ");
  return html`<div class="field${problem ? " wrong" : ""}"><label
for="${name}">${label}</label>${hint === undefined ? "" : html`<p class="hint" id="${name}-hint">${hint}</p>`}
${control({ describedBy, invalid: problem ? "true" : "false" })}
${problem ? html`<p class="problem" id="${name}-problem">${problem}</p>` : ""}</div>`;
}

export function copyable(id: string, text: string, kind = ""): Html {
  return html`<div class="copyable"><pre id="${id}" class="${kind}">${text}</pre><button
type="button" class="small" data-copy="${id}" hidden>Copy</button></div>`;
}
