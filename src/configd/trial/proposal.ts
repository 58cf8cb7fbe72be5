import { assignRoles, type CandidateInterface, isNamed, type Role } from "../../network/roles.ts";
import { type CardNames, describeChanges, touchesPath } from "../../settings/changes.ts";
import { validateSettings } from "../../settings/checks/validate.ts";
import type { ChangeOrigin } from "../../settings/model/origin.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { problemAt } from "../../settings/values/field-value.ts";
import { parseLoginText } from "../../settings/values/login.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import type { ProposedChange } from "../api/shapes.ts";
import type { SettingChange } from "../api/status.ts";
import type { System } from "../machine/system.ts";
import { givenValues } from "./given-values.ts";

/** New settings, validated against the machine and not applied. */
export interface Proposal {
  settings: Settings;
  /** Null removes the password, undefined leaves it. */
  proxyPassword: string | null | undefined;
  changes: SettingChange[];
  needsTrial: boolean;
  /** Saved when the trial is kept. */
  activationCode?: string | undefined;
  by: ChangeOrigin;
}

/** A change to propose, from the console, the platform, the history or zero-touch. */
export interface ChangeRequest {
  settings: ProposedChange["settings"];
  proxyPassword?: ProposedChange["proxyPassword"] | undefined;
  by?: ChangeOrigin | undefined;
}

/** Throws SettingsRefused when the settings are not valid. */
export async function readProposal(
  request: ChangeRequest,
  present: { settings: Settings; hasPassword: boolean },
  system: System,
): Promise<Proposal> {
  const interfaces = await system.interfaces();
  const macAddresses = interfaces.map((entry) => entry.macAddress);
  const validation = validateSettings(withPresentCards(request.settings, interfaces), {
    macAddresses,
  });
  const password = parseLoginText(request.proxyPassword ?? "");
  const problems = [
    ...(validation.ok ? [] : validation.problems),
    ...(password.ok ? [] : [problemAt("proxy.password", password)]),
  ];
  if (!validation.ok || problems.length > 0) throw new SettingsRefused(problems);
  // An empty password means none: a form sends one for a field that was left empty.
  const proxyPassword = request.proxyPassword === "" ? null : request.proxyPassword;
  const after = proxyPassword === undefined ? present.hasPassword : proxyPassword !== null;
  const replaced = typeof proxyPassword === "string";
  return {
    settings: validation.settings,
    proxyPassword,
    changes: describeChanges(
      present.settings,
      validation.settings,
      { before: present.hasPassword, after, replaced },
      {
        cards: {
          before: cardNames(present.settings, interfaces),
          after: cardNames(validation.settings, interfaces),
        },
        given: givenValues(present.settings, interfaces),
      },
    ),
    by: originOf(request.by),
    needsTrial: touchesPath(
      present.settings,
      validation.settings,
      replaced || after !== present.hasPassword,
    ),
  };
}

/**
 * Names the card that is there instead of the one whose place it took: the change is shown in the
 * review, and no other change is refused because of the card that is gone.
 */
function withPresentCards(
  settings: ChangeRequest["settings"],
  interfaces: readonly CandidateInterface[],
): ChangeRequest["settings"] {
  const presentOf = <Own extends { macAddress: string | null }>(own: Own): Own => ({
    ...own,
    macAddress:
      interfaces.find((card) => isNamed(card, own.macAddress))?.macAddress ?? own.macAddress,
  });
  const { network } = settings;
  const lan = presentOf(network.lan);
  return {
    ...settings,
    network:
      network.mode === "split"
        ? { ...network, lan, wan: presentOf(network.wan) }
        : { ...network, lan },
  };
}

/** The name of each role's card; with its MAC address when the settings do not have that. */
function cardNames(settings: Settings, interfaces: readonly CandidateInterface[]): CardNames {
  const { cards } = assignRoles(settings, interfaces);
  const textOf = (role: Role) => {
    const card = interfaces.find(({ name }) => name === cards[role]);
    if (card === undefined) return null;
    const { network } = settings;
    const named = role === "wan" && network.mode === "split" ? network.wan : network.lan;
    return named.macAddress === null ? `${card.name} ${card.macAddress}` : card.name;
  };
  return { lan: textOf("lan"), wan: textOf("wan") };
}

/** The origin that a caller gave, or the console without a name. */
export function originOf(by: ChangeOrigin | undefined): ChangeOrigin {
  return by ?? { how: "console", who: "", why: "" };
}
