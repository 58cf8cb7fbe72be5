import { firewallNeeds } from "../../firewall-request/needs.ts";
import { englishFirewallLines } from "../../firewall-request/text.ts";
import type { HandlerParts } from "./parts.ts";

/** What a firewall must let through now, in English, with a line end after each line. */
export async function firewallText({
  store,
  ledger,
}: Pick<HandlerParts, "store" | "ledger">): Promise<string> {
  const lines = englishFirewallLines(firewallNeeds(store.read(), await ledger.read()));
  return `${lines.join("\n")}\n`;
}
