import type { Fact } from "./messages/facts.ts";
import { fact } from "./messages/facts.ts";

/** A decoded text, or the reason why the bytes are not text, with what would be right. */
export type ForeignText = { ok: true; text: string } | { ok: false; wrong: Fact; right: Fact };

/** An XML declaration stands in the first bytes (XML 1.0, section 2.8). */
const longestDeclaration = 256;

/**
 * Decodes bytes that another program wrote. A byte order mark decides (XML 1.0, appendix F; YAML
 * 1.2, section 5.2), then an encoding that the text or its carrier declares, then UTF-8. Bytes that
 * do not fit are refused: a value with a replaced character would be stored and used as it is.
 *
 * @param declared the encoding that a carrier of the text names, as a MIME header does.
 */
export function decodeForeignText(bytes: Uint8Array, declared?: string): ForeignText {
  if (startsWith(bytes, [0xff, 0xfe, 0, 0]) || startsWith(bytes, [0, 0, 0xfe, 0xff]))
    return unknownEncoding("UTF-32");
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return decode(bytes, "utf-8");
  const wide = wideEncoding(bytes);
  if (wide !== null) return decode(bytes, wide);
  const named = (declared ?? declaredEncoding(bytes)).trim().toLowerCase();
  // A declaration of UTF-16 stays in a text that a hypervisor has made UTF-8 of; ASCII is UTF-8.
  if (named === "" || /^(?:utf-?16.*|utf-?8|us-ascii|ascii)$/.test(named))
    return decode(bytes, "utf-8");
  return decode(bytes, named);
}

function decode(bytes: Uint8Array, encoding: string): ForeignText {
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    return unknownEncoding(encoding);
  }
  try {
    return { ok: true, text: decoder.decode(bytes) };
  } catch {
    const wrong =
      encoding === "utf-8"
        ? fact("given-not-utf8", { line: firstUndecodable(bytes) })
        : fact("given-not-encoding", { encoding: shown(encoding) });
    return { ok: false, wrong, right: fact("given-utf8-form") };
  }
}

/** UTF-16 by its mark, or without one when the first two characters are ASCII. */
function wideEncoding(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (startsWith(bytes, [0xff, 0xfe])) return "utf-16le";
  if (startsWith(bytes, [0xfe, 0xff])) return "utf-16be";
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
  if (bytes.length < 4 || bytes.length % 2 !== 0) return null;
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "utf-16le";
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? "utf-16be" : null;
}

function declaredEncoding(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, longestDeclaration)).toString("latin1");
  return /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.:-]*)["']/.exec(start)?.[1] ?? "";
}

/** Counted from 1. */
function firstUndecodable(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start <= bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const content = bytes.subarray(start, end < 0 ? bytes.length : end);
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(content);
    } catch {
      return line;
    }
    if (end < 0) break;
    start = end + 1;
  }
  return line;
}

function unknownEncoding(encoding: string): ForeignText {
  return {
    ok: false,
    wrong: fact("given-encoding", { encoding: shown(encoding) }),
    right: fact("given-utf8-form"),
  };
}

const shown = (encoding: string) => encoding.replace(/[^\w.:-]/g, "?").slice(0, 40);

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}
