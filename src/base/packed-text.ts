import { gunzipSync } from "node:zlib";
import { decodeForeignText, type ForeignText } from "./foreign-text.ts";
import { type Fact, fact } from "./messages/facts.ts";

export type Unpacked = { ok: true; bytes: Uint8Array } | { ok: false; wrong: Fact };

/** As gzip in base64 in base64, which two tools one after the other make. */
const mostLayers = 3;
/** Of a byte, with line ends; a longer text is too long, whatever it is. */
const longestBase64 = 1.4;
/** A shorter text of these characters is a word. */
const shortestBase64 = 12;

/** The content of gzip (RFC 1952), of at most `most` bytes; other bytes as they are. */
export function unpackGzip(bytes: Uint8Array, most: number): Unpacked {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { ok: true, bytes };
  try {
    return { ok: true, bytes: gunzipSync(bytes, { maxOutputLength: most }) };
  } catch (error) {
    const isLong =
      error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return { ok: false, wrong: isLong ? fact("given-gzip-long", { most }) : fact("given-gzip") };
  }
}

/**
 * Decodes a text that can be packed by gzip and base64, in any order, as tools do for clouds. What
 * a carrier says of its packing is not needed: both are known by their content.
 *
 * @param most bytes of the unpacked text.
 */
export function unpackText(packed: Uint8Array, most: number, declared?: string): ForeignText {
  let bytes = packed;
  for (let layer = 0; layer <= mostLayers; layer++) {
    const unpacked = unpackGzip(bytes, most);
    if (!unpacked.ok) return { ...unpacked, right: fact("given-gzip-form") };
    const decoded = decodeForeignText(unpacked.bytes, declared);
    const isPacked = decoded.ok && decoded.text.length <= most * longestBase64;
    const inside = isPacked ? fromBase64(decoded.text) : null;
    if (inside === null) return decoded;
    bytes = inside;
  }
  return { ok: false, wrong: fact("given-packed-deep"), right: fact("given-gzip-form") };
}

/** The bytes of a text that is base64 as a whole, in any white space; null for another text. */
export function fromBase64(text: string): Uint8Array | null {
  const packed = text.replace(/[\s\0]+/g, "");
  return packed.length >= shortestBase64 &&
    /^[A-Za-z0-9+/]+={0,2}$/.test(packed) &&
    packed.replace(/=+$/, "").length % 4 !== 1
    ? Buffer.from(packed, "base64")
    : null;
}
