import type { Key } from "../page/key.ts";

/** A line of text with a cursor. `cursor` counts characters; 0 is before the first. */
export interface TextField {
  readonly text: string;
  readonly cursor: number;
  /** More was typed than fits: the text is not what was typed, until the field is emptied. */
  readonly overfull?: true | undefined;
}

/**
 * Characters that a field takes: more than any setting has, so that the bound is met by a wrong
 * paste only.
 */
export const fieldLimit = 8000;

export interface TextRules {
  /**
   * Gives the text its usual shape after each key, as the hyphens of a code; it may change only
   * what the judge of the text does not see. The cursor keeps its place among the characters that
   * are no separators.
   */
  shape?: (text: string) => string;
}

export interface Edited {
  field: TextField;
  /** False for a key that a field does not handle; the screen gets it. */
  handled: boolean;
}

export function textField(text = ""): TextField {
  return { text, cursor: [...text].length };
}

export function editText(field: TextField, key: Key, rules: TextRules): Edited {
  const characters = [...field.text];
  const cursor = Math.min(Math.max(field.cursor, 0), characters.length);
  const at = (text: readonly string[], position: number): Edited => ({
    field: stillOverfull(field, shaped(text, position, rules)),
    handled: true,
  });
  switch (key.name) {
    case "character":
      return insert(field, characters, cursor, key.text, rules);
    case "left":
    case "ctrl-b":
      return at(characters, cursor - 1);
    case "right":
    case "ctrl-f":
      return at(characters, cursor + 1);
    case "home":
    case "ctrl-a":
      return at(characters, 0);
    case "end":
    case "ctrl-e":
      return at(characters, characters.length);
    case "backspace": {
      const removed = Math.max(0, lastKept(characters, cursor, rules));
      return cursor === 0
        ? at(characters, 0)
        : at([...characters.slice(0, removed), ...characters.slice(cursor)], removed);
    }
    case "delete":
    case "ctrl-d":
      return at(
        [
          ...characters.slice(0, cursor),
          ...characters.slice(firstKept(characters, cursor, rules) + 1),
        ],
        cursor,
      );
    case "ctrl-u":
      return at(characters.slice(cursor), 0);
    case "ctrl-k":
      return at(characters.slice(0, cursor), cursor);
    case "ctrl-w": {
      const start = wordStart(characters, cursor);
      return at([...characters.slice(0, start), ...characters.slice(cursor)], start);
    }
    default:
      return { field, handled: false };
  }
}

function insert(
  field: TextField,
  characters: readonly string[],
  cursor: number,
  text: string,
  rules: TextRules,
): Edited {
  // A control character is a key, not a part of a text.
  const typed = [...text].filter((each) => !/[\u0000-\u001f\u007f-\u009f]/.test(each));
  const taken = typed.slice(0, Math.max(0, fieldLimit - characters.length));
  const edited = shaped(
    [...characters.slice(0, cursor), ...taken, ...characters.slice(cursor)],
    cursor + taken.length,
    rules,
  );
  return {
    field:
      taken.length < typed.length ? { ...edited, overfull: true } : stillOverfull(field, edited),
    handled: true,
  };
}

function stillOverfull({ overfull }: TextField, edited: TextField): TextField {
  return overfull && edited.text !== "" ? { ...edited, overfull } : edited;
}

/** Index of the character that Backspace removes; skips characters that `shape` inserted. */
function lastKept(characters: readonly string[], cursor: number, { shape }: TextRules): number {
  let position = cursor - 1;
  while (shape && position > 0 && isSeparator(characters[position])) position -= 1;
  return position;
}

function firstKept(characters: readonly string[], cursor: number, { shape }: TextRules): number {
  let position = cursor;
  while (shape && position < characters.length - 1 && isSeparator(characters[position]))
    position += 1;
  return position;
}

function isSeparator(text: string | undefined): boolean {
  return text === "-" || text === " ";
}

function shaped(characters: readonly string[], wished: number, { shape }: TextRules): TextField {
  const position = Math.min(Math.max(wished, 0), characters.length);
  const typed = characters.join("");
  if (shape === undefined || shape(typed) === typed) return { text: typed, cursor: position };
  const before = characters.slice(0, position).filter((each) => !isSeparator(each)).length;
  const text = shape(typed);
  let cursor = 0;
  let passed = 0;
  for (const each of text) {
    if (passed === before && !isSeparator(each)) break;
    if (!isSeparator(each)) passed += 1;
    cursor += 1;
  }
  // The cursor may stay left of a separator that was there before.
  if (
    position < cursor &&
    characters[position] === [...text][position] &&
    position === wished &&
    isSeparator(characters[position])
  )
    cursor = position;
  return { text, cursor };
}

function wordStart(characters: readonly string[], cursor: number): number {
  let start = cursor;
  while (start > 0 && characters[start - 1] === " ") start -= 1;
  while (start > 0 && characters[start - 1] !== " ") start -= 1;
  return start;
}

export interface VisibleText {
  text: string;
  cursor: number;
  hiddenLeft: boolean;
  hiddenRight: boolean;
}

/** The part of a field that a box of `width` columns shows; it contains the cursor. */
export function visibleText(field: TextField, width: number, masked: boolean): VisibleText {
  const characters = masked ? [...field.text].map(() => "*") : [...field.text];
  const cursor = Math.min(Math.max(field.cursor, 0), characters.length);
  // After the last character the cursor needs a column too.
  const start = cursor < width ? 0 : cursor - width + 1;
  const shown = characters.slice(start, start + width);
  return {
    text: shown.join(""),
    cursor: cursor - start,
    hiddenLeft: start > 0,
    hiddenRight: start + width < characters.length,
  };
}
