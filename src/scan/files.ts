import { join } from "node:path";

/** Where agent and runner meet: /data/outrider/scan/JOB/. */
export interface ShardFiles {
  plan: string;
  targets: string;
  exclusions: string;
  xml: string;
  done: string;
}

export function scanFolder(root: string): string {
  return join(root, "/data/outrider/scan");
}

export function shardFiles(jobFolder: string, shard: number): ShardFiles {
  const file = (ending: string) => join(jobFolder, `${shard}.${ending}`);
  return {
    plan: file("plan.json"),
    targets: file("targets"),
    exclusions: file("exclusions"),
    xml: file("xml"),
    done: file("done.json"),
  };
}

/** The unit's instance name, JOB-SHARD. */
export function parseShardName(name: string): { jobId: string; shard: number } | null {
  const read = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-(\d{1,6})$/.exec(
    name,
  );
  return read?.[1] === undefined ? null : { jobId: read[1], shard: Number(read[2]) };
}

/** In a job's folder: somebody at the appliance's console wants the scan to end. */
export const stopAskedFile = "stop-asked";
