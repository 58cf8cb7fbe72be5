/**
 * Configuration of systemd-timesyncd. Servers in the settings are the only ones asked: neither
 * Debian's pool nor, by netplan's `use-ntp`, those of a lease. Without any, timesyncd uses the
 * leases' servers, or else the pool.
 */
export function renderTimeServers(servers: readonly string[]): string {
  return servers.length === 0 ? "[Time]\n" : `[Time]\nNTP=${servers.join(" ")}\nFallbackNTP=\n`;
}
