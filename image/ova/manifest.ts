import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Lower-case hexadecimal SHA-256 by file name, in the manifest's order. */
export type Digests = ReadonlyMap<string, string>;

const maxManifestLength = 64 * 1024;

/**
 * vCenter takes exactly this spelling of a line: neither the "SHA256 (name) =" of sha256sum --tag
 * nor the "SHA2-256(name)=" of newer OpenSSL.
 */
export function renderManifest(digests: Digests): string {
  return [...digests].map(([name, digest]) => `SHA256(${name})= ${digest}\n`).join("");
}

export function parseManifest(text: string): Digests {
  if (text.length > maxManifestLength) throw new RangeError("the manifest is too long");
  const digests = new Map<string, string>();
  if (!text.endsWith("\n")) throw new SyntaxError("the manifest's last line has no end");
  for (const line of text.slice(0, -1).split("\n")) {
    const match = /^SHA256\(([^()\s/]{1,100})\)= ([0-9a-f]{64})$/.exec(line);
    const [, name, digest] = match ?? [];
    if (name === undefined || digest === undefined)
      throw new SyntaxError(
        `not a line of a SHA-256 manifest: ${JSON.stringify(line.slice(0, 200))}`,
      );
    if (digests.has(name)) throw new SyntaxError(`${name} is in the manifest twice`);
    digests.set(name, digest);
  }
  return digests;
}

export async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
