import type {
  Context,
  Effect,
  ScreenEvent,
  ScreenModel,
  ScreenName,
  Step,
} from "../../contract/contract.ts";
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
    const place =
      key.name === "enter"
        ? state.selected
        : key.name === "character"
          ? moreMenu.findIndex((_, index) => String(index + 1) === key.text)
          : -1;
    const entry = moreMenu[place];
    return entry
      ? { state: { selected: place }, effects: [openEffect(entry.screen)] }
      : { state, handled: false };
  },
  help: () => ["help.more"],
};

function openEffect(name: ScreenName): Effect {
  return name === "review" ? { type: "back" } : { type: "open", screen: { name } };
}
