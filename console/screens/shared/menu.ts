import type { ScreenName } from "../../contract/contract.ts";
import type { PlainKey } from "../../words/words.ts";

export interface MenuEntry {
  screen: ScreenName;
  label: PlainKey;
}

/** The home screen's menu, in the order in which operators need its screens. */
export const menu: readonly MenuEntry[] = [
  { screen: "network", label: "menu.network" },
  { screen: "proxy", label: "menu.proxy" },
  { screen: "enrolment", label: "menu.platform" },
  { screen: "diagnostics", label: "menu.diagnostics" },
  { screen: "power", label: "menu.power" },
  { screen: "scans", label: "menu.scans" },
  { screen: "logs", label: "menu.logs" },
  { screen: "updates", label: "menu.updates" },
  { screen: "more", label: "menu.more" },
];

/** The menu of seldom used screens, with a description of each. */
export const moreMenu: readonly (MenuEntry & { about: PlainKey })[] = [
  { screen: "certificates", label: "menu.certificates", about: "more.certificates" },
  { screen: "time", label: "menu.time", about: "more.time" },
  { screen: "limits", label: "menu.limits", about: "more.limits" },
  { screen: "console", label: "menu.console", about: "more.console" },
  { screen: "pin", label: "menu.pin", about: "more.pin" },
  { screen: "support", label: "menu.support", about: "more.support" },
  { screen: "recovery", label: "menu.recovery", about: "more.recovery" },
  { screen: "firewall", label: "menu.firewall", about: "more.firewall" },
  { screen: "egress", label: "menu.egress", about: "more.egress" },
];
