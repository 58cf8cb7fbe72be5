/**
 * A host with more open TCP ports accepts on all of them, as a tarpit or a firewall does: to ask
 * each for its service would take hours and bring nothing (161 s for every 20 silent ports).
 */
const mostOpenPorts = 200;

export function acceptsEverything({ tcp }: { tcp: readonly number[] }): boolean {
  return tcp.length > mostOpenPorts;
}
