import type { Context, ScreenEvent, ScreenModel, Step } from "../../contract/contract.ts";
import type { Key } from "../../page/key.ts";
import { moveInList } from "../shared/choosing.ts";
import { moreMenu } from "../shared/menu.ts";

export interface MoreState {
  readonly selected: number;
}

export const moreModel: ScreenModel<MoreState> = {
  name: "more",
  title: "more.title",
  update(state: MoreState, event: ScreenEvent, _context: Context): Step<MoreState> {
    if (event.type !== "key") return { state };
    const { key } = event;
    const moved = moveInList(state.selected, key.name, moreMenu.length);
    if (moved !== null) return { state: { selected: moved } };
    const index = key.name === "enter" ? state.selected : numberedItem(key);
    const entry = moreMenu[index];
    return entry
      ? { state: { selected: index }, effects: [{ type: "open", screen: { name: entry.screen } }] }
      : { state, handled: false };
  },
  help: () => ["help.more"],
};

/** Index of the menu's item with the number of the key; -1 when there is none. */
function numberedItem(key: Key): number {
  if (key.name !== "character") return -1;
  return moreMenu.findIndex((_, index) => String(index + 1) === key.text);
}
