import type { AgentStatus } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";
import { ago } from "../../contract/times.ts";
import type { Block } from "../../page/page.ts";
import type { PlainKey } from "../../words/words.ts";
import { waitText } from "../shared/scan-wait.ts";

/**
 * How a scan ended, in words. A state that this version does not know is shown as the agent reports
 * it.
 */
export function scanState(state: string, words: Context["words"]): string {
  const known: Readonly<Record<string, PlainKey>> = {
    completed: "scan.completed",
    incomplete: "scan.incomplete",
    failed: "scan.failed",
    stopped: "scan.stopped",
  };
  const key = known[state];
  return key === undefined ? state : words.say(key);
}

export function scanBlocks(agent: AgentStatus | null, context: Context): Block[] {
  const { words, nowMs } = context;
  const jobs = agent?.jobs ?? [];
  const count = (state: string) => jobs.filter((job) => job.state === state).length;
  const note =
    jobs.length === 0
      ? words.say("home.scanNone")
      : words.say("home.scanCounts", {
          running: count("running"),
          waiting: count("waiting"),
          uploading: count("uploading"),
        });
  const blocks: Block[] = [{ kind: "heading", text: words.say("home.scan"), note: { text: note } }];
  for (const job of jobs)
    if (job.state === "running")
      blocks.push({
        kind: "progress",
        label: job.name,
        percent: job.percent,
        note: words.say("home.hosts", { hosts: job.hostsFound }),
      });
  for (const job of jobs) {
    const text = waitText(job, words);
    if (text !== null)
      blocks.push({
        kind: "text",
        label: { text: "!", style: "warning" },
        text,
        style: "warning",
      });
  }
  if (jobs.length === 0 && agent?.lastScan) {
    const { name, state, endedAt, hostsUp, openPorts, uploaded } = agent.lastScan;
    const delivered = words.say(uploaded ? "home.lastScanUploaded" : "home.lastScanWaiting");
    blocks.push({
      kind: "text",
      text: words.say("home.lastScan", {
        name,
        state: scanState(state, words),
        ago: ago(endedAt, nowMs, words),
        hosts: hostsUp,
        ports: openPorts,
        uploaded: delivered,
      }),
      style: "muted",
      optional: true,
    });
  }
  if (agent !== null && agent.spooledParts > 0)
    blocks.push({
      kind: "text",
      text: words.say("home.spooled", { count: agent.spooledParts }),
      optional: true,
    });
  const full = agent?.spool?.failure;
  if (full)
    blocks.push({
      kind: "text",
      label: { text: "!", style: "warning" },
      text: words.error(full.code).what,
      style: "warning",
    });
  return blocks;
}
