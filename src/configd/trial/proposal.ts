import { describeChanges, touchesPath } from "../../settings/changes.ts";
import { validateSettings } from "../../settings/checks/validate.ts";
import type { ChangeOrigin } from "../../settings/model/origin.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { ProposedChange } from "../api/api.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import type { SettingChange } from "../api/status.ts";
import type { System } from "../machine/system.ts";

/** A wish for new settings, checked against the machine. */
export interface Proposal {
  settings: Settings;
  /** null removes it, undefined leaves it. */
  proxyPassword: string | null | undefined;
  changes: SettingChange[];
  needsTrial: boolean;
  /** Is kept with the settings, and used from then on. */
  activationCode?: string | undefined;
  by: ChangeOrigin;
}

export type Wish = Omit<ProposedChange, "by"> & { by?: ChangeOrigin };

/** Throws SettingsRefused when anything is wrong with it. */
export async function readProposal(
  wish: Wish,
  present: { settings: Settings; hasPassword: boolean },
  system: System,
): Promise<Proposal> {
  const macAddresses = (await system.interfaces()).map((entry) => entry.macAddress);
  const validation = validateSettings(wish.settings, { macAddresses });
  if (!validation.ok) throw new SettingsRefused(validation.problems);
  // An empty password is none: it cannot be told from a field that was left empty.
  const proxyPassword = wish.proxyPassword === "" ? null : wish.proxyPassword;
  const after = proxyPassword === undefined ? present.hasPassword : proxyPassword !== null;
  const replaced = typeof proxyPassword === "string";
  return {
    settings: validation.settings,
    proxyPassword,
    changes: describeChanges(present.settings, validation.settings, {
      before: present.hasPassword,
      after,
      replaced,
    }),
    by: asked(wish.by),
    needsTrial: touchesPath(
      present.settings,
      validation.settings,
      replaced || after !== present.hasPassword,
    ),
  };
}

/** Who asked, as far as he said so. */
export function asked(by: ChangeOrigin | undefined): ChangeOrigin {
  return by ?? { how: "console", who: "", why: "" };
}
