import { chmod, chown, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolderDurably } from "../../base/durable-file.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { Owner, Owners } from "./file-owners.ts";

/** Makes the appliance's folders, and corrects owners and modes of existing ones. */
export async function makeFolders(paths: AppliancePaths, owners: Owners | null): Promise<void> {
  const { data, run } = paths;
  const durable: [path: string, mode: number, owner: Owner | undefined][] = [
    [data, 0o755, owners?.root],
    [dirname(paths.settings.file), 0o750, owners?.root],
    [paths.settings.history, 0o750, owners?.root],
    [paths.secrets, 0o700, owners?.root],
    [join(data, "identity"), 0o700, owners?.agent],
    [join(data, "spool"), 0o700, owners?.agent],
    [paths.scan, 0o2770, owners?.scans],
    [join(data, "content"), 0o750, owners?.agent],
    [join(data, "host"), 0o700, owners?.root],
  ];
  for (const [path, mode, owner] of durable) {
    await makeFolderDurably(path, mode);
    await own(path, mode, owner);
  }
  const runFolders: [path: string, mode: number][] = [
    [run, 0o755],
    [paths.credentials, 0o700],
    [join(paths.credentials, "agent"), 0o700],
    [join(paths.credentials, "doctor"), 0o700],
  ];
  for (const [path, mode] of runFolders) {
    await mkdir(path, { recursive: true, mode });
    await own(path, mode, owners?.root);
  }
}

async function own(path: string, mode: number, owner: Owner | undefined): Promise<void> {
  if (owner) await chown(path, owner.uid, owner.gid);
  // chmod comes after chown(2), which clears the set-group-ID bit.
  await chmod(path, mode);
}
