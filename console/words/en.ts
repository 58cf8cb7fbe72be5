import { firewallPhrases } from "../../src/firewall-request/text.ts";
import { enChanges } from "./en-changes.ts";
import { enDiagnostics } from "./en-diagnostics.ts";
import { enFields } from "./en-fields.ts";
import { enGeneral } from "./en-general.ts";
import { enHelp } from "./en-help.ts";
import { enHome } from "./en-home.ts";
import { enScreens } from "./en-screens.ts";
import { enSettings } from "./en-settings.ts";

/**
 * The console's catalogue in English. `{name}` is replaced by a value. Texts are short whole
 * sentences; each error has what happened, why, and what to do. The texts of error codes, facts and
 * field problems are beside their codes in `src`, because other programs use them too.
 */
export const en = {
  ...enGeneral,
  ...enHome,
  ...enDiagnostics,
  ...enChanges,
  ...enFields,
  ...enSettings,
  ...enScreens,
  ...enHelp,
  ...firewallPhrases,
} as const;
