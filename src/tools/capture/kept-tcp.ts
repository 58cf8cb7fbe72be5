import type { Tally } from "./tally.ts";

export type Seen = Pick<Tally, "count" | "udp" | "tcp" | "icmp" | "cut">;

/** Header lengths of TCP, RFC 9293 section 3.1. */
const leastHeader = 20;

/** How far a segment is kept: its header, and the hellos of TLS that it begins with. */
export function keptOfTcp(
  bytes: Uint8Array,
  start: number,
  end: number,
  seen: Seen,
  quoted: boolean,
): number {
  const headerLength = ((bytes[start + 12] ?? 0) >> 4) * 4;
  const contents = start + headerLength;
  // Of a quoted segment only the beginning of its header may be there, RFC 792.
  if (start + leastHeader > end || headerLength < leastHeader)
    return Math.min(end, start + leastHeader);
  if (contents >= end) {
    if (!quoted) seen.tcp(bytes[start + 13] ?? 0);
    return end;
  }
  if (quoted) return contents;
  seen.tcp(bytes[start + 13] ?? 0);
  const kept = contents + helloLength(bytes.subarray(contents, end));
  if (kept < end) seen.cut();
  return kept;
}

const recordHeader = 5;
/** RFC 8446 section 5.1; RFC 5246 section 6.2.3 lets what is encrypted be longer. */
const longestRecord = 2 ** 14 + 2048;
const alert = 21;
const handshake = 22;
/** The messages that are sent in the clear: RFC 8446 section 4, RFC 5246 section 7.4. */
const clearMessages = [1, 2, 11, 12, 13, 14, 16, 22];

/**
 * The length of the records of TLS at the beginning that tell of the handshake in the clear; 0 for
 * anything else. No text begins like one: the first byte is a control character.
 */
export function helloLength(bytes: Uint8Array): number {
  let at = 0;
  while (at + recordHeader < bytes.length) {
    const type = bytes[at];
    const [major = 0, minor = 0] = bytes.subarray(at + 1, at + 3);
    const length = (bytes[at + 3] ?? 0) * 256 + (bytes[at + 4] ?? 0);
    const next = at + recordHeader + length;
    if (major !== 3 || minor > 4 || length === 0 || length > longestRecord) return at;
    const isAlert = type === alert && length === 2;
    const isMessage = type === handshake && clearMessages.includes(bytes[at + recordHeader] ?? 0);
    if (!isAlert && !isMessage) return at;
    if (next >= bytes.length) return bytes.length;
    at = next;
  }
  return at;
}
