/**
 * Which characters a terminal can draw. The Linux console has a font of 256 or 512 glyphs (Debian's
 * console-setup, code set Lat15 and Uni2): Latin-1 and some lines are in each of them; ticks,
 * triangles and braille are not. A serial terminal may be anything: ASCII, and lines by the
 * alternate character set.
 */
export type Repertoire = "console-font" | "ascii-and-lines";

const lines = "─│┌┐└┘├┤┬┴┼";

export function allowedGlyph(character: string, repertoire: Repertoire): boolean {
  if (character >= " " && character <= "~") return true;
  if (lines.includes(character)) return true;
  // Latin-1's letters and signs, without the soft hyphen.
  return (
    repertoire === "console-font" &&
    character >= "\u00a1" &&
    character <= "\u00ff" &&
    character !== "\u00ad"
  );
}

const replacements: Readonly<Record<string, string>> = {
  "…": "..",
  "–": "-",
  "—": "-",
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "•": "*",
  "→": ">",
  "€": "E",
  ß: "ss",
  "\u00a0": " ",
  "\u202f": " ",
};

/**
 * The text with as many columns as characters: what cannot be drawn is its base letter, or a
 * question mark.
 */
export function drawable(text: string, repertoire: Repertoire): string {
  let result = "";
  for (const character of text)
    result += allowedGlyph(character, repertoire) ? character : replacement(character, repertoire);
  return result;
}

function replacement(character: string, repertoire: Repertoire): string {
  const known = replacements[character];
  if (known !== undefined) return known[0] ?? "?";
  const [base] = character.normalize("NFD");
  return base !== undefined && base !== character && allowedGlyph(base, repertoire) ? base : "?";
}
