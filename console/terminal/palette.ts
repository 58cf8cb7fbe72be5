import type { Style } from "../frame/frame.ts";

const paletteNames = ["colour", "high-contrast", "mono"] as const;
export type PaletteName = (typeof paletteNames)[number];

/**
 * How a terminal draws a style. Colours are the eight of the Linux console, null the terminal's
 * own.
 */
export interface Look {
  foreground: number | null;
  background: number | null;
  bold?: boolean;
  underline?: boolean;
  inverse?: boolean;
}

export type Palette = Readonly<Record<Style, Look>>;

const black = 0;
const red = 1;
const green = 2;
const yellow = 3;
const blue = 4;
const cyan = 6;
const white = 7;
const plain: Look = { foreground: null, background: null };

/**
 * Bold selects the bright half of the console's sixteen colours. Muted text is plain, because dark
 * grey is unreadable on many screens.
 */
export const palettes: Readonly<Record<PaletteName, Palette>> = {
  colour: {
    normal: plain,
    strong: { ...plain, bold: true },
    muted: { foreground: cyan, background: null },
    bar: { foreground: white, background: blue, bold: true },
    heading: { foreground: cyan, background: null, bold: true },
    good: { foreground: green, background: null, bold: true },
    warning: { foreground: yellow, background: null, bold: true },
    bad: { foreground: red, background: null, bold: true },
    field: { foreground: white, background: blue },
    focus: { foreground: black, background: white },
    key: { foreground: black, background: cyan },
  },
  "high-contrast": {
    normal: { foreground: white, background: black, bold: true },
    strong: { foreground: white, background: black, bold: true },
    muted: { foreground: white, background: black, bold: true },
    bar: { foreground: black, background: white },
    heading: { foreground: yellow, background: black, bold: true },
    good: { foreground: white, background: black, bold: true },
    warning: { foreground: yellow, background: black, bold: true },
    bad: { foreground: black, background: yellow },
    field: { foreground: white, background: black, bold: true, underline: true },
    // Differs from the yellow of warnings, which appears beside it in a form.
    focus: { foreground: black, background: white },
    key: { foreground: yellow, background: black, bold: true },
  },
  mono: {
    normal: plain,
    strong: { ...plain, bold: true },
    muted: plain,
    bar: { ...plain, inverse: true },
    heading: { ...plain, bold: true },
    good: plain,
    warning: { ...plain, bold: true },
    bad: { ...plain, bold: true },
    field: { ...plain, underline: true },
    focus: { ...plain, inverse: true },
    key: { ...plain, bold: true },
  },
};

/** The colours of a serial terminal cannot be relied on. */
export function paletteFor(term: string, wished: string | undefined): PaletteName {
  const named = paletteNames.find((name) => name === wished);
  if (named) return named;
  return /^(linux|xterm|screen|tmux|rxvt|konsole|putty)/.test(term) && !/mono|-m$/.test(term)
    ? "colour"
    : "mono";
}

const defaultColour = 0x1ff;

/**
 * blessed's encoding of a cell's attributes: flags (bold 1, underline 2, inverse 8), foreground and
 * background in 9 bits each.
 */
export function attributeOf(look: Look): number {
  const flags = (look.bold ? 1 : 0) | (look.underline ? 2 : 0) | (look.inverse ? 8 : 0);
  return (
    (flags << 18) | ((look.foreground ?? defaultColour) << 9) | (look.background ?? defaultColour)
  );
}
