import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "./missing-file.ts";

/** A secret that is there and cannot be opened. It never counts as none. */
export const damaged: unique symbol = Symbol("damaged");

/** A secret as a unit gets it. */
export type Credential = string | null | typeof damaged;

/**
 * The first line of a credential's file. systemd does not start a unit whose LoadCredential= names a
 * missing file (systemd.exec(5)), so a secret that is not set has a file too, and an empty one says
 * nothing but that something went wrong.
 */
const marks = { none: "none\n", secret: "secret\n", damaged: "damaged\n" } as const;

export function credentialText(secret: Credential): string {
  if (secret === null) return marks.none;
  return secret === damaged ? marks.damaged : marks.secret + secret;
}

export function parseCredential(text: string): Credential {
  if (text === marks.none) return null;
  const secret = text.startsWith(marks.secret) ? text.slice(marks.secret.length) : "";
  return secret === "" ? damaged : secret;
}

/** Reads a credential that systemd passed; none where it passes none. */
export async function readCredential(
  folder: string | undefined,
  name: string,
): Promise<Credential> {
  if (folder === undefined || folder === "") return null;
  try {
    return parseCredential(await readFile(join(folder, name), "utf8"));
  } catch (error) {
    return isMissing(error) ? null : damaged;
  }
}
