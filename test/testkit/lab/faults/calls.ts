import type { CheckResult } from "../../../../src/protocol/schemas/check-result.ts";
import type { FaultLab } from "./fault-lab.ts";

export interface Call {
  /** The error code; "" when the call succeeded. */
  code: string;
  detail: string;
  tookMs: number;
}

/** An agent that has just started may not handle the request yet. */
const askAgainMs = 4000;
const pollMs = 150;

/** Has the agent call home now, and waits for the outcome by its own clock. */
export async function callHome(
  { configd }: FaultLab,
  limitMs = 60_000,
  clockOffsetMs = 0,
): Promise<Call> {
  const nowMs = () => Date.now() + clockOffsetMs;
  const sinceMs = nowMs();
  let askedMs = 0;
  // Status times of an agent that had another clock are in the past or in the future.
  const isNew = (at: number) => at >= sinceMs && at <= nowMs() + 1000;
  for (;;) {
    if (Date.now() - askedMs > askAgainMs) {
      askedMs = Date.now();
      await configd.call("callNow", {});
    }
    const { agent } = await configd.call("status", {});
    const succeeded = agent?.services.health.lastSuccessAt ?? null;
    if (succeeded !== null && isNew(succeeded))
      return { code: "", detail: "", tookMs: succeeded - sinceMs };
    const failure = agent?.failure;
    if (failure && isNew(failure.at))
      return { code: failure.code, detail: failure.detail, tookMs: failure.at - sinceMs };
    if (nowMs() - sinceMs > limitMs)
      throw new Error(`no call within ${limitMs} ms: ${JSON.stringify(agent)}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

export interface Checkup {
  results: CheckResult[];
  /** The first that failed. */
  failed: CheckResult | undefined;
  tookMs: number;
}

export async function runDoctor({ configd }: FaultLab): Promise<Checkup> {
  const startedMs = performance.now();
  const { results } = await configd.call("doctor", {});
  return {
    results,
    failed: results.find(({ outcome }) => outcome === "failed"),
    tookMs: performance.now() - startedMs,
  };
}
