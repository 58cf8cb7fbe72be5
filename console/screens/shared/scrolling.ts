/** The first visible line after a key, limited to the text's end. */
export function scrollBy(top: number, key: string, lines: number, visible: number): number {
  return Math.max(0, Math.min(top + stepOf(key, visible), lines - visible));
}

function stepOf(key: string, visible: number): number {
  if (key === "up") return -1;
  if (key === "down") return 1;
  return key === "page-up" ? -visible : visible;
}
