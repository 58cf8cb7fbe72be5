import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Validator } from "../../base/checks.ts";
import { writeDurably } from "../../base/durable-file.ts";
import { OutriderError } from "../../protocol/error.ts";

export type Checked<T> = { kind: "value"; value: T } | { kind: "missing" } | { kind: "damaged" };

export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A JSON file whose first line is the SHA-256 of the rest, so that a byte that flipped is noticed wherever it is. */
export async function writeChecked(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await writeStored(path, `${sha256(text)}\n${text}\n`);
}

export async function readChecked<T>(path: string, validate: Validator<T>): Promise<Checked<T>> {
  const content = await readStored(path);
  if (content === null) return { kind: "missing" };
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

/** Null when the file is not there. */
export async function readStored(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorName(error) === "ENOENT") return null;
    throw new OutriderError("storage-damaged", { detail: errorName(error), cause: error });
  }
}

export async function writeStored(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeDurably(path, content);
  } catch (error) {
    const name = errorName(error);
    if (name === "ENOSPC" || name === "EDQUOT") throw new OutriderError("storage-full", { cause: error });
    throw error;
  }
}

function errorName(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
