import type { AgentStatus, ServiceStatus } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";
import { ago, inTime } from "../../contract/times.ts";
import type { Block, Cell } from "../../page/page.ts";
import type { PlainKey } from "../../words/words.ts";
import { faultText } from "../shared/explain.ts";

type ServiceKey = keyof AgentStatus["services"];
export const services: readonly { name: ServiceKey; label: PlainKey }[] = [
  { name: "enrolment", label: "service.enrolment" },
  { name: "health", label: "service.health" },
  { name: "updates", label: "service.updates" },
  { name: "jobs", label: "service.jobs" },
  { name: "results", label: "service.results" },
];

/** The state of the connection to the platform, in one sentence. */
export function callHomeNote({ status, words, nowMs }: Context): Cell {
  const agent = status?.agent;
  if (!agent) {
    const unit = status?.agentUnit ?? "";
    return unit === "failed" || unit === "inactive"
      ? { text: words.say("agent.unitFailed", { state: unit }), style: "bad" }
      : { text: words.say("agent.none") };
  }
  const when =
    agent.nextCallAt === null ? words.say("in.now") : inTime(agent.nextCallAt, nowMs, words);
  switch (agent.state) {
    case "not-enrolled":
      return { text: words.say("agent.notEnrolled"), style: "warning" };
    case "enrolling":
      return { text: words.say("agent.enrolling") };
    case "enrolment-failed":
      return { text: words.say("agent.enrolmentFailed"), style: "bad" };
    case "starting":
      return { text: words.say("agent.starting") };
    case "connected":
      return {
        text: words.say("agent.connected", { platform: agent.platformName ?? "", when }),
        style: "good",
      };
    case "failing":
      return { text: words.say("agent.failing", { when }), style: "bad" };
  }
}

/** The failure with its facts. */
export function failureBlocks({ status, words }: Context): Block[] {
  const agent = status?.agent;
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
