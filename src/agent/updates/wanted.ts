import type { TargetFile } from "@tufjs/models";
import { longestTargetBytes, type TargetFacts } from "../../protocol/schemas/updates.ts";
import { validators } from "../../protocol/validators.ts";

/** One file that the signed metadata names. */
export interface Target extends TargetFacts {
  sha256: string;
  length: number;
}

const orderOfKinds = { signatures: 0, software: 1 } as const;

/** The targets that an appliance can use; the metadata may name others. */
export function readTargets(files: readonly TargetFile[]): Target[] {
  return files.flatMap(({ length, hashes, custom }) => {
    const facts = validators.TargetFacts(custom);
    const { sha256 } = hashes;
    if (
      !facts.valid ||
      sha256 === undefined ||
      !/^[0-9a-f]{64}$/.test(sha256) ||
      !Number.isInteger(length) ||
      length < 1
    )
      return [];
    const { kind, name, version, summary, publishedAt, sequence } = facts.value;
    return [{ kind, name, version, summary, publishedAt, sequence, sha256, length }];
  });
}

/**
 * The last published target of each name; the version text does not count. Signature packs come
 * first, since software is large.
 */
export function newestOfEach(targets: readonly Target[]): Target[] {
  const newest = new Map<string, Target>();
  for (const target of targets) {
    const key = `${target.kind}/${target.name}`;
    if ((newest.get(key)?.sequence ?? 0) < target.sequence) newest.set(key, target);
  }
  return [...newest.values()].sort(
    (a, b) =>
      orderOfKinds[a.kind] - orderOfKinds[b.kind] ||
      a.length - b.length ||
      a.name.localeCompare(b.name),
  );
}

/** The most that content may take on the disk. */
export const contentBudgetBytes = 2 * longestTargetBytes;

export type Room = { ok: true; drop: Target[] } | { ok: false; neededBytes: number };

/**
 * Returns the older versions to remove so that `target` fits into the budget, and onto the disk
 * with `reserveBytes` left for results. The oldest publications are removed first.
 */
export function makeRoom(
  target: Target,
  received: number,
  here: readonly Target[],
  keep: ReadonlySet<string>,
  freeBytes: number,
  reserveBytes: number,
): Room {
  const used = here.reduce((sum, { length }) => sum + length, 0);
  let missing = Math.max(
    used + target.length - contentBudgetBytes,
    target.length - received + reserveBytes - freeBytes,
  );
  const drop: Target[] = [];
  for (const old of here
    .filter(({ sha256 }) => !keep.has(sha256))
    .sort((a, b) => a.sequence - b.sequence)) {
    if (missing <= 0) break;
    drop.push(old);
    missing -= old.length;
  }
  return missing <= 0 ? { ok: true, drop } : { ok: false, neededBytes: missing };
}
