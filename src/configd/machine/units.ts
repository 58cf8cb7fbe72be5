import type { UnitState } from "./system.ts";

export const agentUnit = "outrider-agent.service";

/** Loads the layout that `renderKeyboard` wrote. */
export const keyboardUnit = "outrider-keyboard.service";
/** Runs the collector of zero-touch documents. */
export const zeroTouchUnit = "outrider-zero-touch.service";

/** Every shard of every job. */
export const everyShard = "outrider-scan@*.service";

export function shardUnit(jobId: string, shard: number): string {
  return `outrider-scan@${jobId}-${shard}.service`;
}

export function shardPattern(jobId: string): string {
  return `outrider-scan@${jobId}-*.service`;
}

/** The running and the failed shards of a job, by the states of its units. */
export function shardsOf(
  jobId: string,
  units: readonly UnitState[],
): { running: number[]; failed: number[] } {
  const running: number[] = [];
  const failed: number[] = [];
  for (const { name, activeState, result } of units) {
    const prefix = `outrider-scan@${jobId}-`;
    const number = name.startsWith(prefix)
      ? /^(\d{1,6})\.service$/.exec(name.slice(prefix.length))?.[1]
      : undefined;
    if (number === undefined) continue;
    if (["active", "activating", "deactivating", "reloading"].includes(activeState))
      running.push(Number(number));
    else if (activeState === "failed" || (result !== "success" && result !== ""))
      failed.push(Number(number));
  }
  return { running: running.sort((a, b) => a - b), failed: failed.sort((a, b) => a - b) };
}
