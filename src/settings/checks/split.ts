import { contains, formatNetwork, type Prefix } from "../../base/addresses/prefix.ts";
import type { InterfaceSettings, Settings } from "../model/schema.ts";
import type { Findings } from "../values/field-value.ts";
import { addressOf, ownPrefixes } from "./interface.ts";

type SplitNetwork = Extract<Settings["network"], { mode: "split" }>;

/**
 * Checks LAN and WAN together. Only the WAN may reach platform, proxy and time servers. The WAN
 * reaches nothing in the LAN's own network: the kernel takes the more specific route into the LAN,
 * and the guards drop those packets.
 */
export function checkSplit(
  { network, proxy, platform, time }: Settings & { network: SplitNetwork },
  findings: Findings,
): void {
  const { lan, wan } = network;
  checkCard(lan, wan, findings);
  const sides = { lan: ownPrefixes(lan), wan: ownPrefixes(wan) };
  for (const own of sides.wan) {
    const same = sides.lan.find(
      ({ family, length }) => family === own.family && length === own.length,
    );
    const field = `network.wan.ipv${own.family}.address`;
    if (same && contains(same, own))
      findings.add(field, "same-network", { value: formatNetwork(own) });
    else if (
      sides.lan.some(({ family, address }) => family === own.family && address === own.address)
    )
      findings.add(field, "duplicate", { value: own.text });
  }
  const refuse = (field: string, text: string | null) => {
    const address = text === null ? null : addressOf(text);
    const reached = address === null ? null : networkTowards(address, sides);
    if (reached !== null)
      findings.add(field, "in-lan-network", { value: text ?? "", network: formatNetwork(reached) });
  };
  for (const [index, server] of wan.dns.servers.entries())
    refuse(`network.wan.dns.servers.${index}`, server);
  for (const [index, server] of time.servers.entries()) refuse(`time.servers.${index}`, server);
  for (const [index, { via }] of wan.routes.entries())
    refuse(`network.wan.routes.${index}.via`, via);
  if (wan.ipv4.method === "static") refuse("network.wan.ipv4.gateway", wan.ipv4.gateway);
  if (wan.ipv6.method === "static") refuse("network.wan.ipv6.gateway", wan.ipv6.gateway);
  if (proxy.kind === "http" || proxy.kind === "socks5") refuse("proxy.host", proxy.host);
  if (proxy.kind === "pac") refuse("proxy.url", hostOf(proxy.url));
  // A proxy that is always used reaches the platform instead of the appliance.
  if (proxy.kind === "none" || proxy.fallbackToDirect)
    refuse("platform.url", platform.url === null ? null : hostOf(platform.url));
}

/**
 * Two roles may share a card when each has a VLAN of its own on it: guards and rules go by the
 * device.
 */
function checkCard(lan: InterfaceSettings, wan: InterfaceSettings, findings: Findings): void {
  if (wan.macAddress === null || wan.macAddress !== lan.macAddress) return;
  if (lan.vlan === null || wan.vlan === null)
    findings.add("network.wan.macAddress", "same-card", { value: wan.macAddress });
  else if (lan.vlan === wan.vlan)
    findings.add("network.wan.vlan", "same-vlan", { value: String(wan.vlan) });
}

/** The LAN's network, when the kernel would route an address into it: the longest prefix wins. */
function networkTowards(
  address: Prefix,
  sides: { lan: readonly Prefix[]; wan: readonly Prefix[] },
): Prefix | null {
  const [lan] = sides.lan.filter((each) => contains(each, address));
  if (lan === undefined) return null;
  return sides.wan.some((each) => each.length > lan.length && contains(each, address)) ? null : lan;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : "";
}
