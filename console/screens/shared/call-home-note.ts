import type { Context } from "../../contract/contract.ts";
import { inTime } from "../../contract/times.ts";
import type { Cell } from "../../page/page.ts";

/** A network that was just changed may answer late: DNS, leases, a router that learns the address. */
const settlingMs = 30_000;

/**
 * How long ago the settings changed, while a failure of the first calls says nothing yet; null
 * otherwise.
 */
export function settlingSince({ status, nowMs }: Context): number | null {
  const changedAt = status?.lastTrial?.at;
  if (status?.agent?.state !== "failing" || changedAt === undefined) return null;
  return nowMs >= changedAt && nowMs - changedAt < settlingMs ? changedAt : null;
}

/** The state of the connection to the platform, in one sentence. */
export function callHomeNote(context: Context): Cell {
  const { status, words, nowMs } = context;
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
      return settlingSince(context) === null
        ? { text: words.say("agent.failing", { when }), style: "bad" }
        : { text: words.say("agent.settling", { when }), style: "warning" };
  }
}
