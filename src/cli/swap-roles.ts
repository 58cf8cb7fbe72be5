import type { Status } from "../configd/api/status.ts";
import type { Settings } from "../settings/model/schema.ts";
import { UsageError } from "./output.ts";

/**
 * The settings with the MAC addresses of the cards that the roles have now. Without them a role that
 * takes the first free card would take the same card after a swap.
 */
export function withPresentCards({
  settings,
  interfaces,
}: Pick<Status, "settings" | "interfaces">): Settings {
  const { network } = settings;
  if (network.mode !== "split")
    throw new UsageError("there are no roles to swap in single mode: choose the card with --nic");
  // A VLAN has its card's MAC address.
  const card = (role: "lan" | "wan") =>
    network[role].macAddress ?? interfaces.find((entry) => entry.role === role)?.macAddress ?? null;
  const [lan, wan] = [card("lan"), card("wan")];
  if (lan === null || wan === null)
    throw new UsageError("the card of a role is not there: name both with --lan-nic and --wan-nic");
  return {
    ...settings,
    network: {
      mode: "split",
      lan: { ...network.lan, macAddress: lan },
      wan: { ...network.wan, macAddress: wan },
    },
  };
}
