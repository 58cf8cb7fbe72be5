import { open } from "node:fs/promises";
import { filePart } from "./sources/byte-source.ts";
import { listUstar } from "./ustar.ts";

const maxDescriptorBytes = 2 ** 20;

/**
 * The key of the disk in one of our OVAs; the descriptor has it after the version. Null when the
 * file does not exist or cannot be read.
 */
export async function publishedDisk(path: string): Promise<string | null> {
  const archive = await open(path, "r").catch(() => null);
  if (archive === null) return null;
  try {
    const [descriptor] = await listUstar(archive);
    if (descriptor === undefined || descriptor.sizeBytes > maxDescriptorBytes) return null;
    const text = (
      await filePart(archive, descriptor.offsetBytes, descriptor.sizeBytes).read(
        0,
        descriptor.sizeBytes,
      )
    ).toString("utf8");
    return /<FullVersion>[^<]* \(([0-9a-f]+)\)<\/FullVersion>/.exec(text)?.[1] ?? null;
  } catch (error) {
    // Half written, when a build was interrupted.
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  } finally {
    await archive.close();
  }
}
