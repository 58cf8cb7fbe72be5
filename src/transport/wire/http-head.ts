import { type Fact, fact } from "../../base/messages/facts.ts";

/** The head of an HTTP/1 response, as a proxy's answer to CONNECT. */
export interface ResponseHead {
  /**
   * 0 or 1. RFC 9112 section 9.3: an HTTP/1.0 connection ends with its response unless the response
   * says otherwise.
   */
  minorVersion: number;
  status: number;
  reason: string;
  /** Name in lower case to its values, in order. */
  fields: Map<string, string[]>;
}

/**
 * Larger than a head with a Kerberos token (up to 48 KB in the field; RFC 4559 sets no bound), and
 * still small.
 */
export const longestHeadBytes = 64 * 1024;
const mostFields = 200;

export type HeadParse = { ok: true; head: ResponseHead } | { ok: false; problem: Fact };

/**
 * The end of the head in `bytes`, after its empty line; null while it has not ended. RFC 9112
 * section 2.2: a bare line feed counts as a line end, also beside others that are not bare.
 */
export function endOfHead(bytes: Buffer): number | null {
  for (let at = bytes.indexOf("\n"); at >= 0; at = bytes.indexOf("\n", at + 1)) {
    if (bytes[at + 1] === lineFeed) return at + 2;
    if (bytes[at + 1] === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
  }
  return null;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Parses status line and fields (RFC 9112 sections 4 and 5). */
export function parseHead(text: string): HeadParse {
  const [statusLine = "", ...lines] = text.split(/\r?\n/);
  const status = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(statusLine);
  if (!status) return { ok: false, problem: fact("proxy-not-http") };
  const fields = new Map<string, string[]>();
  let count = 0;
  let last: string[] | undefined;
  for (const line of lines) {
    if (line === "") break;
    if (++count > mostFields) return { ok: false, problem: fact("proxy-head-fields") };
    // RFC 9112 section 5.2: an old proxy may fold a long field over lines.
    if (/^[ \t]/.test(line) && last && last.length > 0) {
      last[last.length - 1] = `${last.at(-1)} ${line.trim()}`;
      continue;
    }
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(.*)$/.exec(line);
    if (field?.[1] === undefined || field[2] === undefined)
      return { ok: false, problem: fact("proxy-head-field") };
    const name = field[1].toLowerCase();
    last = fields.get(name) ?? [];
    last.push(field[2].trim());
    fields.set(name, last);
  }
  return {
    ok: true,
    head: {
      minorVersion: Number(status[1]),
      status: Number(status[2]),
      reason: (status[3] ?? "").slice(0, 100),
      fields,
    },
  };
}
