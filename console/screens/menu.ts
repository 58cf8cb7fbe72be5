import type { ScreenName } from "../app/contract.ts";
import type { PlainKey } from "../words/words.ts";

export interface MenuEntry {
  screen: ScreenName;
  label: PlainKey;
}

/** The menu of Home: one line a screen, in the order in which they are needed. */
export const menu: readonly MenuEntry[] = [
  { screen: "network", label: "menu.network" },
  { screen: "proxy", label: "menu.proxy" },
  { screen: "enrolment", label: "menu.platform" },
  { screen: "diagnostics", label: "menu.diagnostics" },
  { screen: "power", label: "menu.power" },
];
