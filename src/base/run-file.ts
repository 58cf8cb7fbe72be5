import { chmod, chown, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Replaces a file under /run, which need not survive a power cut. Readers see the whole old content
 * or the whole new content.
 */
export async function writeRunFile(
  path: string,
  content: string,
  mode: number,
  owner?: { uid: number; gid: number },
): Promise<void> {
  // The reader may be another user, so the folder is readable for all users, also with a strict
  // umask. `mode` protects the file.
  if ((await mkdir(dirname(path), { recursive: true })) !== undefined)
    await chmod(dirname(path), 0o755);
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode });
  await chmod(temporary, mode);
  if (owner) await chown(temporary, owner.uid, owner.gid);
  await rename(temporary, path);
}
