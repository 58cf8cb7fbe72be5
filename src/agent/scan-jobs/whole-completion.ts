import { type Fact, fact, withDetail } from "../../base/messages/facts.ts";
import type { Completion } from "../../protocol/schemas/results.ts";
import { sha256 } from "../spool/checked-file.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { SpooledCompletion } from "../spool/schemas.ts";
import { JobShards } from "./job-shards.ts";

const mostProblems = 1000;
const mostLostNamed = 100;

/**
 * The completion as it is sent: with the digests of the parts, and a problem for each lost part. A
 * job that lost parts is incomplete.
 */
export async function wholeCompletion(
  folder: JobFolder,
  completion: SpooledCompletion,
): Promise<Completion> {
  const { parts } = folder;
  const lost = parts.lost();
  const lostNumbers = new Set(lost.map(({ number }) => number));
  const digests = Array.from({ length: parts.count }, (_, number) =>
    lostNumbers.has(number) ? "" : (parts.receipt(number)?.sha256 ?? ""),
  );
  const targets =
    lost.length === 0 ? new Map<number, readonly string[]>() : await targetsOf(folder);
  const problems = lost
    .slice(0, mostLostNamed)
    .map(({ number, shard }) => damaged(lostPart(number, targets.get(shard) ?? [])));
  if (lost.length > mostLostNamed)
    problems.push(damaged(fact("parts-lost-more", { count: lost.length - mostLostNamed })));
  const course = await folder.notes();
  return {
    ...completion,
    state: lost.length > 0 && completion.state === "completed" ? "incomplete" : completion.state,
    partCount: parts.count,
    partsSha256: sha256(digests.join("")),
    lost: [...lostNumbers],
    problems: [...problems, ...completion.problems].slice(0, mostProblems),
    ...(course.length > 0 && { course }),
  };
}

function damaged(detail: Fact): Completion["problems"][number] {
  return { code: "storage-damaged", detail: withDetail(detail).detail };
}

function lostPart(number: number, targets: readonly string[]): Fact {
  const [target, ...others] = targets;
  if (target === undefined) return fact("part-lost", { number });
  if (others.length === 0) return fact("part-lost-of", { number, target });
  return fact("part-lost-of-more", { number, target, count: others.length });
}

async function targetsOf(folder: JobFolder): Promise<Map<number, readonly string[]>> {
  const shards = new JobShards(folder);
  await shards.load();
  return new Map(
    shards.all().flatMap((phase) => phase.shards.map(({ shard, targets }) => [shard, targets])),
  );
}
