/** A text from outside as it may stand in an answer: printable and short. */
export function plainText(text: string, longest = 200): string {
  const clean = text
    .slice(0, longest * 4)
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+/gu, " ")
    .replace(/[\p{Cf}\u2028\u2029]/gu, "")
    .trim();
  const characters = [...clean];
  return characters.length > longest ? `${characters.slice(0, longest - 3).join("")}...` : clean;
}
