import type { Context, Effect, ScreenEvent, ScreenModel, Step } from "../../contract/contract.ts";
import { menuColumns } from "../../page/draw-menu.ts";
import type { Key } from "../../page/key.ts";
import type { MenuItem } from "../../page/page.ts";
import { menu } from "../shared/menu.ts";

export interface HomeState {
  /** Index of the chosen item of the menu. */
  readonly selected: number;
}

/** The menu's items with their keys. The last one leaves the console, where that is possible. */
export function menuItems({ words, canLeave }: Context): MenuItem[] {
  const entries = menu.map(({ label }, index) => ({
    key: String(index + 1),
    label: words.say(label),
  }));
  return canLeave ? [...entries, { key: "0", label: words.say("menu.leave") }] : entries;
}

/** Without enrolment there is no platform to call. */
function callMessage({ words, status }: Context): Effect {
  return status?.agent?.state === "not-enrolled"
    ? { type: "message", text: words.say("call.notEnrolled"), style: "warning" }
    : { type: "message", text: words.say("call.asked"), style: "good" };
}

export const homeModel: ScreenModel<HomeState> = {
  name: "home",
  title: "home.title",
  update(state: HomeState, event: ScreenEvent, context: Context): Step<HomeState> {
    switch (event.type) {
      case "key":
        return press(state, event.key, context);
      case "reply":
        return {
          state,
          effects: event.verb === "callNow" ? [callMessage(context)] : [],
        };
      case "failed": {
        const { what, remedy } = context.words.error(event.failure.code);
        return {
          state,
          effects: [
            {
              type: "message",
              text: context.words.say("call.failed", { what, remedy }),
              style: "bad",
            },
          ],
        };
      }
      default:
        return { state };
    }
  },
  help: () => ["help.home"],
};

function press(state: HomeState, key: Key, context: Context): Step<HomeState> {
  const items = menuItems(context);
  const move = (by: number): Step<HomeState> => ({
    state: { selected: Math.min(Math.max(state.selected + by, 0), items.length - 1) },
  });
  const perRow = menuColumns(items, context.columns);
  switch (key.name) {
    case "left":
    case "shift-tab":
      return move(-1);
    case "right":
    case "tab":
      return move(1);
    case "up":
      return state.selected - perRow >= 0 ? move(-perRow) : { state };
    case "down":
      return state.selected + perRow < items.length ? move(perRow) : { state };
    case "home":
      return { state: { selected: 0 } };
    case "end":
      return { state: { selected: items.length - 1 } };
    case "enter":
      return choose(state, state.selected, context);
    case "character": {
      if (key.text === "c")
        return { state, effects: [{ type: "ask", verb: "callNow", request: {} }] };
      if (key.text === "l" && context.status?.secrets.consolePin)
        return { state, effects: [{ type: "lock" }] };
      const chosen = items.findIndex((item) => item.key === key.text);
      return chosen < 0 ? { state, handled: false } : choose(state, chosen, context);
    }
    default:
      return { state, handled: key.name === "escape" };
  }
}

function choose(state: HomeState, index: number, { canLeave }: Context): Step<HomeState> {
  const entry = menu[index];
  // The item after the menu leaves the console, where it may be left.
  const leaving: Effect | null = canLeave ? { type: "leave" } : null;
  const effect: Effect | null = entry ? { type: "open", screen: { name: entry.screen } } : leaving;
  return { state: { ...state, selected: index }, effects: effect ? [effect] : [] };
}
