/**
 * The end of content in chunks (RFC 9112 section 7.1: chunk size, data, trailers) in `bytes`; null
 * while it has not ended, "malformed" when it never will.
 */
export function endOfChunks(bytes: Buffer): number | null | "malformed" {
  let offset = 0;
  for (;;) {
    const line = lineAt(bytes, offset);
    if (line === null) return bytes.length - offset > longestLine ? "malformed" : null;
    const size = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/.exec(line.text)?.[1];
    if (size === undefined) return "malformed";
    offset = line.end;
    if (Number.parseInt(size, 16) === 0) return endOfTrailers(bytes, offset);
    offset += Number.parseInt(size, 16);
    const after = lineAt(bytes, offset);
    if (after === null) return bytes.length - offset > 2 ? "malformed" : null;
    if (after.text !== "") return "malformed";
    offset = after.end;
  }
}

const longestLine = 1024;

function endOfTrailers(bytes: Buffer, start: number): number | null {
  for (let offset = start; ; ) {
    const line = lineAt(bytes, offset);
    if (line === null) return null;
    if (line.text === "") return line.end;
    offset = line.end;
  }
}

function lineAt(bytes: Buffer, offset: number): { text: string; end: number } | null {
  const end = bytes.indexOf("\n", offset);
  return end < 0
    ? null
    : { text: bytes.toString("latin1", offset, end).replace(/\r$/, ""), end: end + 1 };
}
