import type { AgentStatus } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";
import { ago } from "../../contract/times.ts";
import type { Block, Cell, Page } from "../../page/page.ts";
import type { PlainKey, Words } from "../../words/words.ts";
import { scanState } from "../home/scan-blocks.ts";
import { listKeys } from "../shared/list-keys.ts";
import { waitBlocks } from "../shared/scan-wait.ts";
import type { ScansState } from "./model.ts";

const jobStates: Readonly<Record<string, PlainKey>> = {
  waiting: "scans.state.waiting",
  running: "scans.state.running",
  uploading: "scans.state.uploading",
};

function stateCell({ state, waitsFor }: AgentStatus["jobs"][number], words: Words): Cell {
  if (waitsFor) return { text: words.say("scans.state.card"), style: "warning" };
  const known = jobStates[state];
  return {
    text: known ? words.say(known) : state,
    style: state === "running" ? "good" : "normal",
  };
}

export function scansView(state: ScansState, context: Context): Page {
  const { words, status } = context;
  const jobs = status?.agent?.jobs ?? [];
  const blocks: Block[] = [
    { kind: "text", text: words.say("scans.intro"), style: "muted" },
    { kind: "gap" },
  ];
  if (jobs.length === 0) blocks.push({ kind: "text", text: words.say("home.scanNone") });
  else
    blocks.push({
      kind: "table",
      indent: 3,
      columns: [
        { header: words.say("scans.column.name"), grow: true },
        { header: words.say("scans.column.state") },
        { header: words.say("scans.column.done"), align: "right" },
        { header: words.say("scans.column.hosts"), align: "right" },
      ],
      ...(state.confirming === null ? { selected: Math.min(state.selected, jobs.length - 1) } : {}),
      rows: jobs.map((job) => {
        return [
          { text: job.name },
          stateCell(job, words),
          { text: words.say("scans.percent", { percent: Math.floor(job.percent) }) },
          { text: String(job.hostsFound) },
        ];
      }),
    });
  blocks.push(...jobs.flatMap((job) => waitBlocks(job, words)));
  const confirming = jobs.find(({ jobId }) => jobId === state.confirming);
  if (confirming)
    blocks.push(
      { kind: "gap" },
      {
        kind: "text",
        text: words.say("scans.confirm", { name: confirming.name }),
        style: "strong",
      },
      { kind: "gap" },
      {
        kind: "buttons",
        labels: [words.say("scans.yes"), words.say("power.no")],
        selected: state.button,
      },
    );
  blocks.push({ kind: "gap" }, ...lastBlocks(context));
  return {
    title: words.say("scans.title"),
    blocks,
    keys: listKeys(
      context,
      ...(jobs.length > 0 ? [{ key: "s", label: words.say("key.stop") }] : []),
    ),
  };
}

function lastBlocks({ words, status, nowMs }: Context): Block[] {
  const agent = status?.agent;
  const heading: Block = { kind: "heading", text: words.say("scans.last") };
  if (!agent?.lastScan)
    return [heading, { kind: "text", text: words.say("scans.lastNone"), style: "muted" }];
  const { name, endedAt, state, hostsUp, openPorts, uploaded } = agent.lastScan;
  return [
    heading,
    {
      kind: "facts",
      facts: [
        { label: words.say("scans.column.name"), value: { text: name } },
        { label: words.say("scans.column.state"), value: { text: scanState(state, words) } },
        { label: words.say("scans.ended"), value: { text: ago(endedAt, nowMs, words) } },
        {
          label: words.say("scans.found"),
          value: { text: words.say("scans.foundText", { hosts: hostsUp, ports: openPorts }) },
        },
        {
          label: words.say("scans.result"),
          value: {
            text: words.say(uploaded ? "home.lastScanUploaded" : "home.lastScanWaiting"),
            style: uploaded ? "good" : "warning",
          },
        },
      ],
    },
    ...(agent.spooledParts > 0
      ? [{ kind: "text", text: words.say("home.spooled", { count: agent.spooledParts }) } as const]
      : []),
  ];
}
