/** The place in a list after a key that moves in it; null when the key does not. */
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
 * The part of a long list around the chosen entry that leaves room for what is said of it: the
 * first entry shown, and how many.
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
