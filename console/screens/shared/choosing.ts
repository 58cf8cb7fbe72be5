/** The index in a list after a key that moves in it; null for other keys. */
export function moveInList(
  selected: number,
  key: string,
  count: number,
  visible = 10,
): number | null {
  const within = (place: number) => Math.max(0, Math.min(place, count - 1));
  switch (key) {
    case "up":
    case "shift-tab":
      return within(selected - 1);
    case "down":
    case "tab":
      return within(selected + 1);
    case "home":
      return 0;
    case "end":
      return within(count - 1);
    case "page-up":
      return within(selected - visible);
    case "page-down":
      return within(selected + visible);
    default:
      return null;
  }
}

/**
 * The visible part of a long list around the chosen entry, with room for facts about it: index of
 * its first entry, and its length.
 */
export function listWindow(
  selected: number,
  count: number,
  rows: number,
  otherRows: number,
): { top: number; shown: number } {
  const shown = Math.min(count, Math.max(5, rows - otherRows));
  return { top: Math.max(0, Math.min(selected - Math.floor(shown / 2), count - shown)), shown };
}
