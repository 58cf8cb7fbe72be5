import { access } from "node:fs/promises";
import { join } from "node:path";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { isMissing } from "../../base/missing-file.ts";
import { shardPattern, shardsOf, shardUnit } from "../machine/units.ts";
import type { HandlerParts, Handlers } from "./parts.ts";

/** The verbs by which the agent starts, stops and watches the shards of a scan job. */
export function shardHandlers({ system, paths }: HandlerParts) {
  return {
    startShard: async ({ jobId, shard }) => {
      await requirePlan(join(paths.scan, jobId, `${shard}.plan.json`), jobId, shard);
      const unit = shardUnit(jobId, shard);
      // systemd refuses to start a unit that failed too often before.
      await system.resetFailed(unit);
      await system.startUnit(unit);
      return {};
    },
    stopJob: async ({ jobId }) => {
      for (const { name } of await system.units(shardPattern(jobId))) {
        await system.stopUnit(name);
        await system.resetFailed(name);
      }
      return {};
    },
    shards: async ({ jobId }) => shardsOf(jobId, await system.units(shardPattern(jobId))),
  } satisfies Partial<Handlers>;
}

async function requirePlan(path: string, job: string, shard: number): Promise<void> {
  try {
    await access(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new OutriderError("request-invalid", {
      detail: fact("shard-without-plan", { shard, job }),
    });
  }
}
