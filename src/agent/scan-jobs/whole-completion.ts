import type { Completion } from "../../protocol/schemas/results.ts";
import { sha256 } from "../spool/checked-file.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { SpooledCompletion } from "../spool/schemas.ts";

const mostProblems = 1000;
const mostLostNamed = 100;

/**
 * The completion as it is sent: with what became of the parts. A job of which parts were lost is
 * not complete, and says which.
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
  const problems = lost.slice(0, mostLostNamed).map(({ number, shard }) => {
    const [first, ...others] = targets.get(shard) ?? [];
    const where =
      first === undefined
        ? ""
        : `, of ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`;
    return { code: "storage-damaged", detail: `part ${number} of the result${where}` };
  });
  if (lost.length > mostLostNamed)
    problems.push({
      code: "storage-damaged",
      detail: `and ${lost.length - mostLostNamed} more parts`,
    });
  const course = await folder.notes();
  return {
    ...completion,
    state: lost.length > 0 && completion.state === "completed" ? "incomplete" : completion.state,
    partCount: parts.count,
    partsSha256: sha256(digests.join("")),
    lost: [...lostNumbers],
    problems: [...problems, ...completion.problems].slice(0, mostProblems),
    ...(course.length > 0 ? { course } : {}),
  };
}

async function targetsOf(folder: JobFolder): Promise<Map<number, readonly string[]>> {
  const shards = (await folder.serviceShards())?.shards ?? [];
  return new Map(shards.map(({ shard, targets }) => [shard, targets]));
}
