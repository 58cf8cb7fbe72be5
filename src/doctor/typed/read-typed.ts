import type { Readable } from "node:stream";
import { longestTypedSettings, type TypedSettings } from "../../settings/typed-settings.ts";
import { validators } from "./validators.ts";

/** Reads the settings to test. Throws when they are too long or not valid. */
export async function readTyped(input: Readable): Promise<TypedSettings> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > longestTypedSettings) throw new RangeError("the typed settings are too long");
    chunks.push(chunk);
  }
  const read = validators.TypedSettings(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  // The violation's path, and not its value: a password may be among them.
  if (!read.valid) throw new RangeError(`typed settings: ${read.violations[0]?.path ?? ""}`);
  return read.value;
}
