/**
 * systemd-resolved: it answers to nobody (LLMNR and multicast DNS would listen on the network), and
 * asks only the servers that were set or leased, never its built-in public ones. Servers themselves
 * are the links', by way of netplan.
 */
export function renderResolved(): string {
  return `[Resolve]
LLMNR=no
MulticastDNS=no
FallbackDNS=
DNSSEC=no
DNSOverTLS=no
`;
}
