import { appliancePage } from "./pages/appliance.ts";
import { codesPage } from "./pages/codes.ts";
import { commandsPage } from "./pages/commands.ts";
import { fleetPage } from "./pages/fleet.ts";
import { helpPage } from "./pages/help.ts";
import { keysPage } from "./pages/keys.ts";
import { scanPage } from "./pages/scan.ts";
import { scansPage } from "./pages/scans.ts";
import { settingsPage } from "./pages/settings.ts";
import { updatesPage } from "./pages/updates.ts";
import { withdrawPage } from "./pages/withdraw.ts";
import type { NavigationEntry } from "./parts/layout.ts";
import type { WebPage } from "./parts/send-page.ts";

/** Every page of a logged-in operator. The navigation shows those with an entry, in this order. */
export const pages: readonly WebPage[] = [
  fleetPage,
  appliancePage,
  commandsPage,
  scansPage,
  scanPage,
  codesPage,
  updatesPage,
  withdrawPage,
  keysPage,
  settingsPage,
  helpPage,
];

export const navigation: readonly NavigationEntry[] = pages.flatMap(
  ({ navigation: entry }) => entry ?? [],
);
