import { createHash } from "node:crypto";
import type { Validator } from "../../base/checks.ts";
import { parseJson } from "../../base/json.ts";
import { OutriderError } from "../../base/messages/error.ts";
import type { SpoolFiles } from "./files.ts";

export type Checked<T> = { kind: "value"; value: T } | { kind: "missing" } | { kind: "damaged" };

/** In hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Writes a JSON file whose first line is the SHA-256 of the rest, so that any damage is noticed. */
export async function writeChecked(
  files: Pick<SpoolFiles, "write">,
  path: string,
  value: unknown,
): Promise<void> {
  const text = JSON.stringify(value);
  await files.write(path, `${sha256(text)}\n${text}\n`);
}

/** Replaces an OutriderError "storage-damaged" by another value; `onDamage` gets the error. */
export async function unlessDamaged<T, Otherwise>(
  read: Promise<T>,
  otherwise: Otherwise,
  onDamage?: (damage: OutriderError) => void,
): Promise<T | Otherwise> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof OutriderError) || error.code !== "storage-damaged") throw error;
    onDamage?.(error);
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
  const parsed = validate(parseJson(json));
  return parsed.valid ? { kind: "value", value: parsed.value } : { kind: "damaged" };
}

/** As readChecked; null both for a missing and for a damaged file. */
export async function readValue<T>(
  files: Pick<SpoolFiles, "read">,
  path: string,
  validate: Validator<T>,
): Promise<T | null> {
  const read = await readChecked(files, path, validate);
  return read.kind === "value" ? read.value : null;
}
