/**
 * The characters that a terminal can draw. The Linux console has a font of 256 or 512 glyphs
 * (Debian's console-setup, code sets Lat15 and Uni2): both have Latin-1 and some lines, but no
 * ticks, triangles or braille. A serial terminal has ASCII, and lines by the alternate character
 * set.
 */
export type Repertoire = "console-font" | "ascii-and-lines";

const lines = "─│┌┐└┘├┤┬┴┼";

export function allowedGlyph(character: string, repertoire: Repertoire): boolean {
  if (character >= " " && character <= "~") return true;
  if (lines.includes(character)) return true;
  // The letters and signs of Latin-1, without the soft hyphen.
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
 * Replaces characters that cannot be drawn by their base letter or a question mark, so that one
 * character stays one column.
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
