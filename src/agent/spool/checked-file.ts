import { createHash } from "node:crypto";
import type { Validator } from "../../base/checks.ts";
import { OutriderError } from "../../base/messages/error.ts";
import type { SpoolFiles } from "./files.ts";

export type Checked<T> = { kind: "value"; value: T } | { kind: "missing" } | { kind: "damaged" };

export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * A JSON file whose first line is the SHA-256 of the rest, so that a byte that flipped is noticed
 * wherever it is.
 */
export async function writeChecked(
  files: Pick<SpoolFiles, "write">,
  path: string,
  value: unknown,
): Promise<void> {
  const text = JSON.stringify(value);
  await files.write(path, `${sha256(text)}\n${text}\n`);
}

/** Something else, and `told` about it, where the disk could not read what is there. */
export async function unlessDamaged<T, Otherwise>(
  read: Promise<T>,
  otherwise: Otherwise,
  told?: (damage: OutriderError) => void,
): Promise<T | Otherwise> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof OutriderError) || error.code !== "storage-damaged") throw error;
    told?.(error);
    return otherwise;
  }
}

export async function readChecked<T>(
  files: Pick<SpoolFiles, "read">,
  path: string,
  validate: Validator<T>,
): Promise<Checked<T>> {
  const content = await unlessDamaged(files.read(path), "damaged" as const);
  if (content === null) return { kind: "missing" };
  if (content === "damaged") return { kind: "damaged" };
  const text = content.toString("utf8");
  const end = text.indexOf("\n");
  const json = text.slice(end + 1, -1);
  if (end !== 64 || sha256(json) !== text.slice(0, end)) return { kind: "damaged" };
  try {
    const parsed = validate(JSON.parse(json));
    return parsed.valid ? { kind: "value", value: parsed.value } : { kind: "damaged" };
  } catch {
    return { kind: "damaged" };
  }
}

export async function readValue<T>(
  files: Pick<SpoolFiles, "read">,
  path: string,
  validate: Validator<T>,
): Promise<T | null> {
  const read = await readChecked(files, path, validate);
  return read.kind === "value" ? read.value : null;
}
