import { type Fact, fact } from "../../base/messages/facts.ts";
import { unpackText } from "../../base/packed-text.ts";
import { largestDocumentCharacters } from "./document.ts";

/** One part of a MIME text, unpacked; or why it could not be. */
export type MimePart = { type: string } & (
  | { text: string }
  | { wrong: Fact; right: Fact | undefined }
);

const mostParts = 20;
const mostHeaderLines = 50;

/** Whether a text begins with headers of MIME, as cloud-init's `make-mime` writes them. */
export function isMime(text: string): boolean {
  return /^(?:Content-Type|MIME-Version):/i.test(text);
}

/**
 * Reads one level of MIME (RFC 2046, section 5.1): the parts of a multipart text, or the text itself
 * as one part. null when a multipart text names no boundary or has too many parts.
 */
export function readMime(text: string): MimePart[] | null {
  const whole = entityOf(text.split(/\r?\n/));
  const { type, boundary } = contentType(whole.headers);
  if (!type.startsWith("multipart/")) return [partOf(whole)];
  if (boundary === "") return null;
  const parts: MimePart[] = [];
  let lines: string[] | null = null;
  for (const line of whole.body) {
    const end = line.trimEnd();
    if (end !== `--${boundary}` && end !== `--${boundary}--`) {
      lines?.push(line);
      continue;
    }
    if (lines !== null) parts.push(partOf(entityOf(lines)));
    if (parts.length > mostParts) return null;
    lines = end === `--${boundary}--` ? null : [];
    if (lines === null) return parts;
  }
  // RFC 2046 wants a closing line; a text that was cut off has none.
  return lines === null ? parts : [...parts, partOf(entityOf(lines))];
}

interface Entity {
  headers: ReadonlyMap<string, string>;
  body: string[];
}

function entityOf(lines: readonly string[]): Entity {
  const headers = new Map<string, string>();
  let last = "";
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") return { headers, body: lines.slice(index + 1) };
    const [, name, value = ""] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (/^\s/.test(line) && last !== "")
      headers.set(last, `${headers.get(last) ?? ""} ${line.trim()}`);
    else if (name === undefined || index >= mostHeaderLines)
      return { headers, body: lines.slice(index) };
    else {
      last = name.toLowerCase();
      headers.set(last, value);
    }
  }
  return { headers, body: [] };
}

function partOf({ headers, body }: Entity): MimePart {
  const { type, charset } = contentType(headers);
  const encoding = (headers.get("content-transfer-encoding") ?? "").trim().toLowerCase();
  const text = body.join("\n");
  const unpackers: Readonly<Record<string, (packed: string) => Buffer>> = {
    base64: (packed) => Buffer.from(packed, "base64"),
    "quoted-printable": fromQuotedPrintable,
  };
  const unpack = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined;
  const bytes = unpack?.(text) ?? Buffer.from(text, "utf8");
  // A text that was not packed is decoded already, with the whole.
  const declared = unpack ? charset : "";
  const decoded = unpackText(bytes, largestDocumentCharacters, declared);
  return decoded.ok
    ? { type, text: decoded.text }
    : { type, wrong: decoded.wrong, right: decoded.right };
}

function contentType(headers: ReadonlyMap<string, string>) {
  const field = headers.get("content-type") ?? "text/plain";
  const parameter = (name: string) => {
    const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, "i").exec(field);
    return found?.[1] ?? found?.[2] ?? "";
  };
  const type = (field.split(";", 1)[0] ?? "").trim().toLowerCase();
  return { type, boundary: parameter("boundary"), charset: parameter("charset") };
}

/** The bytes of a text by RFC 2045, section 6.7. */
function fromQuotedPrintable(text: string): Buffer {
  const joined = text.replace(/=[ \t]*\n/g, "");
  const bytes = Buffer.from(joined, "utf8").toString("latin1");
  return Buffer.from(
    bytes.replace(/=([0-9A-F]{2})/gi, (_, pair: string) =>
      String.fromCharCode(Number.parseInt(pair, 16)),
    ),
    "latin1",
  );
}

/** What a part of another kind is, in the words of the report. */
export function wrongPart(type: string): Fact {
  return fact("given-part", { type: type.replace(/[^\w./+-]/g, "?").slice(0, 60) });
}
