import type { NetworkFault } from "../fault.ts";
import { bothRules } from "../rules.ts";

/** Names of a nearer and a farther fault of one network, which strike at once. */
const pairs: readonly (readonly [network: string, nearer: string, farther: string])[] = [
  ["IPv4", "the cable is out", "DNS server refuses (REFUSED)"],
  ["IPv4", "the cable is out", "firewall drops"],
  ["IPv4", "the cable is out", "nothing listens at the proxy's port"],
  ["IPv6-only", "the cable is out", "firewall drops"],
  ["IPv4", "no DHCP server answers", "firewall resets"],
  ["IPv4", "no DHCP server answers", "proxy's name unknown"],
  ["IPv4", "the lease has no router (option 3)", "firewall drops"],
  ["IPv4", "the lease's router is none", "the platform's certificate has expired"],
  ["IPv4", "the lease has no DNS server", "firewall drops"],
  ["IPv6-only", "no router advertises itself", "DNS server silent"],
  ["IPv4", "DNS server silent", "firewall drops"],
  ["IPv6-only", "DNS server silent", "firewall drops"],
  ["IPv4", "DNS server silent", "captive portal, without TLS"],
  ["IPv4", "DNS server silent", "proxy's firewall drops"],
  ["IPv4", "DNS server refuses (REFUSED)", "firewall resets"],
  ["IPv6-only", "DNS server refuses (REFUSED)", "firewall resets"],
  ["IPv4", "DNS filter: 0.0.0.0 and ::", "firewall drops"],
  ["IPv4", "DNS server knows no outside names (NXDOMAIN)", "firewall drops"],
  ["IPv4", "firewall drops", "the clock is 400 days ahead: every certificate has expired"],
  ["IPv4", "firewall resets", "the clock is 400 days ahead: every certificate has expired"],
  [
    "IPv4",
    "firewall rejects by ICMP: administratively prohibited",
    "the clock is two hours behind",
  ],
  ["IPv4", "proxy's firewall drops", "squid cannot reach the platform"],
  ["IPv6-only", "proxy's firewall drops", "squid cannot reach the platform"],
  [
    "IPv4",
    "nothing listens at the proxy's port",
    "the clock is 400 days ahead: every certificate has expired",
  ],
  ["IPv4", "proxy asks for a log-in, none is set", "squid cannot reach the platform"],
  ["IPv4", "wrong password, Basic", "squid cannot reach the platform"],
  ["IPv4", "wrong password, Digest", "the clock is 400 days ahead: every certificate has expired"],
  ["IPv4", "the TLS proxy's issuer is not trusted", "squid cannot reach the platform"],
  ["IPv4", "proxy denies CONNECT (403)", "the clock is two hours behind"],
  ["IPv4", "PAC file: 404", "proxy's firewall drops"],
  ["IPv4", "inspecting proxy, its authority is not added", "the clock is two hours behind"],
  ["split", "WAN's cable is out", "WAN's DNS server refuses"],
  ["split", "WAN's DNS server refuses", "firewall before the platform drops"],
  ["split", "WAN's DNS server silent", "the proxy on WAN is down"],
  ["split", "no DHCP server on WAN", "firewall before the platform resets"],
];

/** Both strike, and the nearer one must be named, as when it strikes alone. */
export function pairsOf(faults: readonly NetworkFault[]): NetworkFault[] {
  const find = (network: string, name: string): NetworkFault => {
    const found = faults.find((each) => each.network === network && each.name === name);
    if (!found) throw new RangeError(`there is no fault ${network}: ${name}`);
    return found;
  };
  return pairs.map(([network, nearerName, fartherName]) => {
    const [nearer, farther] = [find(network, nearerName), find(network, fartherName)];
    return {
      name: `${nearer.name} + ${farther.name}`,
      network: nearer.network,
      proxy: nearer.proxy ?? farther.proxy,
      rules: bothRules(nearer.rules, farther.rules),
      dns: nearer.dns ?? farther.dns,
      acts: [...(nearer.acts ?? []), ...(farther.acts ?? [])],
      clockOffsetMs: nearer.clockOffsetMs ?? farther.clockOffsetMs,
      agent: nearer.agent,
      doctor: nearer.doctor,
    };
  });
}
