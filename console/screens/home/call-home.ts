import type { AgentStatus, ServiceStatus } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";
import { ago } from "../../contract/times.ts";
import type { Block, Cell } from "../../page/page.ts";
import type { PlainKey } from "../../words/words.ts";
import { settlingSince } from "../shared/call-home-note.ts";
import { faultText } from "../shared/explain.ts";

type ServiceKey = keyof AgentStatus["services"];
export const services: readonly { name: ServiceKey; label: PlainKey }[] = [
  { name: "enrolment", label: "service.enrolment" },
  { name: "health", label: "service.health" },
  { name: "updates", label: "service.updates" },
  { name: "jobs", label: "service.jobs" },
  { name: "results", label: "service.results" },
];

/** The failure with its facts. */
export function failureBlocks(context: Context): Block[] {
  const { status, words } = context;
  const agent = status?.agent;
  if (settlingSince(context) !== null) return [];
  if (!agent?.failure || (agent.state !== "failing" && agent.state !== "enrolment-failed"))
    return [];
  return [
    {
      kind: "text",
      label: { text: "!", style: "bad" },
      text: faultText(agent.failure, words, 80),
      style: "bad",
    },
  ];
}

/** The five services: state as a word, last contact, and the host or the failure. */
export function serviceTable(agent: AgentStatus, context: Context): Block {
  const { words, nowMs } = context;
  const row = (label: PlainKey, { url, lastSuccessAt, failure }: ServiceStatus): Cell[] => {
    const last: Cell = {
      text: lastSuccessAt === null ? words.say("home.never") : ago(lastSuccessAt, nowMs, words),
      style: lastSuccessAt === null ? "muted" : "normal",
    };
    // Do not repeat the failure of the line above for all five services.
    if (failure && settlingSince(context) !== null)
      return [
        { text: words.say(label) },
        { text: words.say("home.trying"), style: "warning" },
        last,
        { text: url ?? "", style: "muted" },
      ];
    if (failure && failure.code === agent.failure?.code)
      return [
        { text: words.say(label) },
        { text: words.say("home.failed"), style: "bad" },
        last,
        { text: url ?? "", style: "muted" },
      ];
    if (failure) {
      return [
        { text: words.say(label) },
        { text: words.say("home.failed"), style: "bad" },
        last,
        { text: faultText(failure, words), style: "bad" },
      ];
    }
    const state: Cell =
      lastSuccessAt === null
        ? { text: words.say("home.notYet"), style: "muted" }
        : { text: words.say("home.ok"), style: "good" };
    return [{ text: words.say(label) }, state, last, { text: url ?? "", style: "muted" }];
  };
  return {
    kind: "table",
    columns: [{}, {}, {}, { grow: true }],
    rows: services.map(({ name, label }) => row(label, agent.services[name])),
  };
}
