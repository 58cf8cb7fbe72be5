/**
 * Parses JSON that this program wrote into a column. It was validated before it was written, so its
 * type is not checked again.
 */
export function parseJson<T>(text: string | null): T | null {
  return text === null ? null : JSON.parse(text);
}
