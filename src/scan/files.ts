import { join } from "node:path";

/** A shard's files in /data/outrider/scan/JOB/, which agent and runner share. */
export interface ShardFiles {
  plan: string;
  targets: string;
  exclusions: string;
  /** Written by the engine. */
  output: string;
  /** The engine's standard output, which runner and agent bound. */
  progress: string;
  /** There while the shard waits for its card. */
  waiting: string;
  done: string;
}

export function scanFolder(root: string): string {
  return join(root, "/data/outrider/scan");
}

export function shardFiles(
  jobFolder: string,
  shard: number,
  { outputEnding }: { outputEnding: string },
): ShardFiles {
  const file = (ending: string) => join(jobFolder, `${shard}.${ending}`);
  return {
    plan: planFile(jobFolder, shard),
    targets: file("targets"),
    exclusions: file("exclusions"),
    output: file(outputEnding),
    progress: file("progress"),
    waiting: file("waiting.json"),
    done: file("done.json"),
  };
}

const planEnding = ".plan.json";

/** The plan names the engine, and with it the shard's other files. */
export function planFile(jobFolder: string, shard: number): string {
  return join(jobFolder, `${shard}${planEnding}`);
}

export function isPlanFile(name: string): boolean {
  return name.endsWith(planEnding);
}

/** Reads the unit's instance name, JOB-SHARD; null when it is none. */
export function parseShardName(name: string): { jobId: string; shard: number } | null {
  const read = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-(\d{1,6})$/.exec(
    name,
  );
  return read?.[1] === undefined ? null : { jobId: read[1], shard: Number(read[2]) };
}
