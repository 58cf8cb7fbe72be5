/**
 * Configuration of systemd-resolved. It answers no other machine (LLMNR and multicast DNS would
 * listen on the network) and asks only servers that were set or leased, never its built-in public
 * ones. netplan gives each link its servers.
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
