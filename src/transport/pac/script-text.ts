import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** A file larger than this is no PAC file. */
export const longestScriptBytes = 2 ** 20;
const bounded = { maxOutputLength: longestScriptBytes };

/**
 * Undoes Content-Encoding, which a server may use unasked (RFC 9110 section 12.5.3). null for a
 * coding that is unknown; throws zlib's error for bytes that are not of it, or too many.
 */
export function decodeContent(bytes: Buffer, encoding: string): Buffer | null {
  const codings = encoding
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  let content = bytes;
  for (const coding of codings.toReversed()) {
    const decoded = decodeOne(content, coding);
    if (decoded === null) return null;
    content = decoded;
  }
  // A compressed file whose server does not say so.
  return isGzip(content) ? gunzipSync(content, bounded) : content;
}

function decodeOne(bytes: Buffer, coding: string): Buffer | null {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return gunzipSync(bytes, bounded);
    case "deflate":
      // RFC 9110 section 8.4.1.2: some send it without the zlib frame, which begins with 0x78.
      return bytes[0] === 0x78 ? inflateSync(bytes, bounded) : inflateRawSync(bytes, bounded);
    case "br":
      return brotliDecompressSync(bytes, bounded);
    default:
      return null;
  }
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * A script's text, as browsers read it: the byte order mark decides, then the charset of
 * Content-Type, then UTF-8, and last the Windows code page that editors write without asking.
 */
export function decodeText(bytes: Buffer, contentType: string): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1];
  const labels = [encodingOfMark(bytes), charset, encodingOfZeros(bytes), "utf-8"];
  for (const label of labels) {
    const text = label === undefined ? null : decodeStrictly(bytes, label);
    if (text !== null) return text;
  }
  return new TextDecoder("windows-1252").decode(bytes);
}

function decodeStrictly(bytes: Buffer, label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function encodingOfMark(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? "utf-8" : undefined;
}

/** UTF-16 without a mark: a script begins with ASCII. */
function encodingOfZeros([first, second]: Buffer): string | undefined {
  if (first !== 0 && second === 0) return "utf-16le";
  return first === 0 && second !== 0 ? "utf-16be" : undefined;
}
