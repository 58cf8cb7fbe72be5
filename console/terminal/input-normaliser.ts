import { Transform, type TransformCallback } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A unit of a keyboard's input: a key as blessed reads it, or something to drop. */
interface Piece {
  /** The number of characters taken from the input. */
  length: number;
  /** The text to pass on; null drops the unit. */
  output: string | null;
}

/**
 * Only silence after it tells the Escape key from the start of a sequence. At 9600 baud a byte
 * takes about 1 ms.
 */
const escapeTimeoutMs = 50;
/** A sequence that has begun is not Escape: a slow line gets this time to finish it. */
const sequenceTimeoutMs = 500;
/**
 * A paste comes without a pause. After this silence its end was lost on the line: without one every
 * further key would be text, and none a command.
 */
const pasteTimeoutMs = 2000;
/** Longer sequences are noise on the line. */
const longestSequence = 64;

export interface RawTerminalInput extends NodeJS.ReadableStream {
  isTTY?: boolean;
  setRawMode?: (raw: boolean) => unknown;
}

/**
 * Filters the input before blessed, which reads each chunk by itself: it takes a sequence that is
 * split over two reads for Escape and letters, types a terminal's replies into the form, and drops
 * Shift-Tab of Debian's keyboard maps (ESC TAB) and all text in a chunk with a mouse report. Each
 * chunk after this filter is one whole key.
 */
export class InputNormaliser extends Transform {
  readonly isTTY = true;
  isRaw = false;
  readonly #source: RawTerminalInput | null;
  readonly #pasteTimeoutMs: number;
  readonly #decoder = new StringDecoder("utf8");
  #buffer = "";
  #pasting = false;
  /** CR LF is one Enter, also when a serial line delivers CR and LF separately. */
  #afterCarriageReturn = false;
  /** A line end inside a paste becomes a space, but only when text follows it. */
  #pendingSpace = false;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(source: RawTerminalInput | null = null, pasteLimitMs = pasteTimeoutMs) {
    super({ readableHighWaterMark: 65_536 });
    this.#source = source;
    this.#pasteTimeoutMs = pasteLimitMs;
    source?.pipe(this);
  }

  /** blessed sets the terminal's line discipline through its input. */
  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    this.#source?.setRawMode?.(raw);
    return this;
  }

  override _transform(
    chunk: Buffer | string,
    _encoding: BufferEncoding,
    callback: TransformCallback,
  ): void {
    this.#stopTimers();
    this.#buffer += typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
    this.#drain(false);
    this.#await();
    callback();
  }

  #await(): void {
    if (this.#buffer !== "")
      this.#timer = setTimeout(
        () => this.#silence(),
        this.#buffer === "\x1b" ? escapeTimeoutMs : sequenceTimeoutMs,
      );
    else if (this.#pasting) this.#timer = setTimeout(() => this.#endPaste(), this.#pasteTimeoutMs);
  }

  #endPaste(): void {
    this.#immediate = setImmediate(() => {
      this.#pasting = false;
      this.#pendingSpace = false;
    });
  }

  /**
   * The timers of a delayed process fire before it reads what came meanwhile, so it reads first.
   */
  #silence(): void {
    this.#immediate = setImmediate(() => {
      this.#drain(true);
      this.#await();
    });
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  override _flush(callback: TransformCallback): void {
    this.#stopTimers();
    this.#buffer += this.#decoder.end();
    this.#drain(true);
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stopTimers();
    this.#source?.unpipe(this);
    callback(error);
  }

  #drain(complete: boolean): void {
    while (this.#buffer !== "") {
      const piece = nextPiece(this.#buffer, complete);
      if (piece === null) return;
      const taken = this.#buffer.slice(0, piece.length);
      this.#buffer = this.#buffer.slice(piece.length);
      const secondHalf = taken === "\n" && this.#afterCarriageReturn;
      this.#afterCarriageReturn = taken === "\r";
      if (secondHalf) continue;
      if (taken === pasteBegin || taken === pasteEnd) {
        this.#pasting = taken === pasteBegin;
        this.#pendingSpace = false;
      } else if (piece.output !== null) this.#emit(piece.output);
    }
  }

  #emit(key: string): void {
    if (!this.#pasting) {
      this.push(key);
      return;
    }
    if (key === "\r" || key === "\t") {
      this.#pendingSpace = true;
      return;
    }
    // Pasted text never acts as a command.
    if (key.startsWith("\x1b") || key < " " || key === "\x7f") return;
    if (this.#pendingSpace) this.push(" ");
    this.#pendingSpace = false;
    this.push(key);
  }
}

const pasteBegin = "\x1b[200~";
const pasteEnd = "\x1b[201~";

/** The first unit of the input; null when it is not complete yet. */
function nextPiece(text: string, complete: boolean): Piece | null {
  const first = text.codePointAt(0) ?? 0;
  if (first === 0x1b) return escapePiece(text, complete);
  if (text.startsWith("\n") || text.startsWith("\r")) return { length: 1, output: "\r" };
  const length = first > 0xffff ? 2 : 1;
  if (length === 1 && first >= 0xd800 && first <= 0xdbff && text.length === 1 && !complete)
    return null;
  // C1 controls (U+0080 to U+009F) and lone surrogates are noise on the line; a break reads as NUL.
  if (first === 0 || (first >= 0x80 && first < 0xa0) || (first >= 0xd800 && first <= 0xdfff))
    return { length, output: null };
  return { length, output: text.slice(0, length) };
}

function escapePiece(text: string, complete: boolean): Piece | null {
  const [, second] = text;
  if (second === undefined) return complete ? { length: 1, output: "\x1b" } : null;
  switch (second) {
    case "[":
      return csiPiece(text, complete);
    case "O":
      return ss3Piece(text, complete);
    case "\t":
      return { length: 2, output: "\x1b[Z" };
    case "]":
    case "P":
    case "_":
    case "^":
    case "X":
      return stringPiece(text, complete);
    default:
      // Alt with a key and Escape followed by a key look the same. Both count as Escape and the
      // key, so that nothing is lost.
      return { length: 1, output: "\x1b" };
  }
}

/**
 * ESC [ parameters intermediates final (ECMA-48 5.4), and the Linux console's ESC [ [ letter, whose
 * second [ would be a final byte.
 */
function csiPiece(text: string, complete: boolean): Piece | null {
  if (text[2] === "[") {
    const letter = text[3];
    if (letter === undefined) return complete ? { length: 3, output: null } : null;
    return letter >= "A" && letter <= "E"
      ? { length: 4, output: text.slice(0, 4) }
      : { length: 3, output: null };
  }
  // X10 mouse: three more bytes after ESC [ M.
  if (text[2] === "M")
    return text.length >= 6 || complete ? { length: Math.min(6, text.length), output: null } : null;
  let at = 2;
  while (at < text.length && isBetween(text[at], " ", "?")) at += 1;
  const final = text[at];
  if (final === undefined) {
    if (at > longestSequence) return { length: at, output: null };
    return complete ? { length: text.length, output: null } : null;
  }
  // Any other character ends the sequence: the sequence is dropped, and the character is read
  // again.
  if (!isBetween(final, "@", "~")) return { length: at, output: null };
  return { length: at + 1, output: keyOfCsi(text.slice(0, at + 1)) };
}

function ss3Piece(text: string, complete: boolean): Piece | null {
  let at = 2;
  while (at < text.length && at < 6 && isBetween(text[at], "0", ";")) at += 1;
  const final = text[at];
  if (final === undefined) return complete ? { length: text.length, output: null } : null;
  // Digits and operators of the keypad in application mode.
  const keypad = at === 2 ? keypadKeys[final] : undefined;
  if (keypad !== undefined) return { length: 3, output: keypad };
  return /^[A-HP-S]$/.test(final)
    ? { length: at + 1, output: text.slice(0, at + 1) }
    : { length: isBetween(final, "@", "~") ? at + 1 : at, output: null };
}

/** VT220's keypad under DECKPAM: ESC O p is 0, and so on. */
const keypadKeys: Readonly<Record<string, string>> = {
  M: "\r",
  j: "*",
  k: "+",
  l: ",",
  m: "-",
  n: ".",
  o: "/",
  p: "0",
  q: "1",
  r: "2",
  s: "3",
  t: "4",
  u: "5",
  v: "6",
  w: "7",
  x: "8",
  y: "9",
};

/** How a terminal's replies of these kinds begin; ESC P of Alt-P is followed by what is typed. */
const replies: Readonly<Record<string, RegExp>> = {
  "]": /^\d/,
  P: /^[\d!$+<=>?|]/,
  _: /^G/,
};

/** OSC, DCS, APC, PM, SOS up to BEL or ESC \. Only a terminal's replies use them. */
function stringPiece(text: string, complete: boolean): Piece | null {
  if (text.length > 2 && replies[text[1] ?? ""]?.test(text.slice(2, 3)) !== true)
    return { length: 1, output: "\x1b" };
  const bell = text.indexOf("\x07");
  const end = text.indexOf("\x1b\\", 2);
  if (bell >= 0 && (end < 0 || bell < end)) return { length: bell + 1, output: null };
  if (end >= 0) return { length: end + 2, output: null };
  if (complete && text.length === 2) return { length: 1, output: "\x1b" };
  return complete || text.length > 4096 ? { length: text.length, output: null } : null;
}

/**
 * Passes on sequences of keys; drops a terminal's reports (device attributes, cursor position,
 * focus, mouse).
 */
function keyOfCsi(sequence: string): string | null {
  if (sequence === pasteBegin || sequence === pasteEnd) return sequence;
  if (/^\x1b\[(?:[0-9]+(?:;[0-9]+)?)?[~^$]$/.test(sequence)) return sequence;
  if (/^\x1b\[(?:[0-9]+;[0-9]+)?[A-FHZ]$/.test(sequence)) return sequence;
  if (/^\x1b\[1;[0-9]+[P-S]$/.test(sequence)) return sequence;
  return /^\x1b\[[a-e]$/.test(sequence) ? sequence : null;
}

function isBetween(character: string | undefined, low: string, high: string): boolean {
  return character !== undefined && character >= low && character <= high;
}
