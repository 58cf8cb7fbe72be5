/**
 * JSON that this program wrote itself into a column: it was validated on its way in, so its type is
 * taken on trust.
 */
export function parseJson<T>(text: string | null): T | null {
  return text === null ? null : JSON.parse(text);
}
