/** The first line shown after a key: never beyond the end. */
export function scrollBy(top: number, key: string, lines: number, visible: number): number {
  const step = key === "up" ? -1 : key === "down" ? 1 : key === "page-up" ? -visible : visible;
  return Math.max(0, Math.min(top + step, lines - visible));
}
