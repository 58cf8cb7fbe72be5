import type { Validator } from "../../base/checks.ts";
import type { ScanWait } from "../../configd/api/status.ts";
import type { ShardFiles } from "../../scan/files.ts";
import type { ShardDone, ShardPlan } from "../../scan/schemas.ts";
import { validators as scanValidators } from "../../scan/validators.ts";
import { readSharedFile } from "./shared-file.ts";

/** Plans and the runner's files; the runner refuses larger plans too. */
const largestJsonBytes = 2 ** 20;

/** How a try ended; null while it has not, and for the file of another try. */
export async function readDone(files: ShardFiles, plan: ShardPlan): Promise<ShardDone | null> {
  const done = await readJson(files.done, scanValidators.ShardDone);
  return done?.attempt === plan.attempt && done.tryNumber === plan.tryNumber ? done : null;
}

/** The card that a try waits for now; null when it waits for none. */
export async function readWait(files: ShardFiles, plan: ShardPlan): Promise<ScanWait | null> {
  const wait = await readJson(files.waiting, scanValidators.CardWait);
  if (wait?.attempt !== plan.attempt || wait.tryNumber !== plan.tryNumber) return null;
  const { card, kind, from, until } = wait;
  return { card, kind, from, until };
}

/** A file of the shared folder; null when it is not there, or not as it should be. */
export async function readJson<T>(path: string, validate: Validator<T>): Promise<T | null> {
  try {
    const parsed = validate(JSON.parse(await readSharedFile(path, largestJsonBytes)));
    return parsed.valid ? parsed.value : null;
  } catch {
    return null;
  }
}
