/** A console needs 24 rows: the footer takes the row below them, where the window has one. */
const consoleRows = 24;

/** The rows that the console gets of a window. */
export function rowsAboveFooter(windowRows: number): number {
  return windowRows > consoleRows ? windowRows - 1 : windowRows;
}

/** The row for the footer, or null where the window is too low for one. */
export function footerRow(windowRows: number): number | null {
  return windowRows > consoleRows ? windowRows : null;
}

/**
 * Bytes that paint the footer, and keep the console's scrolling off it. The cursor and its
 * attributes stay as they are (DECSC, DECRC; DECSTBM moves the cursor, so it stands between them).
 */
export function paintFooter(text: string, row: number, columns: number): string {
  const line = text.slice(0, columns).padEnd(columns);
  // Writing the last column can leave the cursor wrapping at the next character: DECRC ends that.
  return `\x1b7\x1b[1;${row - 1}r\x1b[${row};1H\x1b[0;7m${line}\x1b[0m\x1b8`;
}

/**
 * Is what was written up to here whole, so that other bytes may follow? Not in the middle of an
 * escape sequence (ECMA-48 5.4), of a string for the terminal (8.3.89), or of a UTF-8 character.
 */
export function isWhole(tail: Uint8Array): boolean {
  const text = Buffer.from(tail).toString("latin1");
  const sequence = text.slice(Math.max(0, text.lastIndexOf("\x1b")));
  if (/^\x1b(?:[ -/]*|\[[0-?]*[ -/]*|\][^\x07]*|[PX^_].*)$/s.test(sequence)) return false;
  const lead = /([\xc0-\xff])[\x80-\xbf]*$/.exec(text);
  if (lead?.[1] === undefined) return true;
  const byte = lead[1].charCodeAt(0);
  const wanted = [0xf0, 0xe0, 0xc0].findIndex((least) => byte >= least);
  return lead[0].length >= 4 - wanted;
}
