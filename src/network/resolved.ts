/**
 * Configuration of systemd-resolved. It answers no other machine (LLMNR and multicast DNS would
 * listen on the network) and asks only servers that were set or leased, never its built-in public
 * ones. netplan gives each link its servers.
 *
 * Names without a dot are asked as they are, too: systemd-resolved.service(8) otherwise sends them to
 * LLMNR alone, which is off, so that a proxy called "proxy" would never be found.
 */
export function renderResolved(): string {
  return `[Resolve]
LLMNR=no
MulticastDNS=no
FallbackDNS=
DNSSEC=no
DNSOverTLS=no
ResolveUnicastSingleLabel=yes
`;
}
