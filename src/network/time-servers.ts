/**
 * systemd-timesyncd: with servers of the settings only those are asked, neither Debian's pool nor,
 * as netplan's `use-ntp` says, those of a lease; without any it goes by the leases, else by the
 * pool.
 */
export function renderTimeServers(servers: readonly string[]): string {
  return servers.length === 0 ? "[Time]\n" : `[Time]\nNTP=${servers.join(" ")}\nFallbackNTP=\n`;
}
