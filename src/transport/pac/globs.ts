/**
 * Whether a text matches a shell pattern of `*` and `?`. The pattern is foreign, so no regular
 * expression is made of it; this takes at most pattern times text steps.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  let at = 0;
  let wanted = 0;
  /** Where to continue when the last star takes one more character. */
  let star: { at: number; wanted: number } | null = null;
  while (at < text.length) {
    const sign = pattern[wanted];
    if (sign === "*") {
      star = { at, wanted: ++wanted };
    } else if (sign !== undefined && (sign === "?" || sign === text[at])) {
      at++;
      wanted++;
    } else if (star) {
      at = ++star.at;
      wanted = star.wanted;
    } else return false;
  }
  while (pattern[wanted] === "*") wanted++;
  return wanted === pattern.length;
}
