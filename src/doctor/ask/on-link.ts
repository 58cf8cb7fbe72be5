import { familyOf } from "../../base/addresses/neighbours.ts";
import { ask } from "./program.ts";

/** RFC 5227 section 1.1 and RFC 4861 section 10: as many as a host sends before it gives up. */
const probes = 3;
const count = String(probes);
const everySeconds = 1;
const limitMs = (probes * everySeconds + 2) * 1000;

/**
 * Whether somebody on the device's link has an address, asked without an address of one's own: for
 * IPv4 by ARP from 0.0.0.0 (RFC 5227 section 2.1.1), which changes nobody's table, for IPv6 by a
 * neighbour solicitation from the link-local address (RFC 4861 section 7.2.2), which needs no route.
 * null where it cannot be asked, as without a link-local address. nping and nmap do not open a card
 * that has no address of IPv4, so these are programs of their own.
 */
export function isOnLink(
  device: string,
  address: string,
  signal: AbortSignal,
): Promise<boolean | null> {
  return familyOf(address) === 6
    ? solicit(device, address, signal)
    : probe(device, address, signal);
}

async function probe(device: string, address: string, signal: AbortSignal) {
  const args = ["-q", "-D", "-c", count, "-w", `${probes * everySeconds}`, "-I", device, address];
  const status = await statusOf("arping", args, signal);
  // arping(8): with -D 0 when nobody answered, 1 when somebody did; others are its own errors.
  return status === 0 || status === 1 ? status === 1 : null;
}

async function solicit(device: string, address: string, signal: AbortSignal) {
  const args = ["-1", "-q", "-n", "-r", count, "-w", `${everySeconds * 1000}`, address, device];
  const status = await statusOf("ndisc6", args, signal);
  // ndisc6(8): 0 when somebody answered, 2 when nobody did; others are its own errors.
  return status === 0 || status === 2 ? status === 0 : null;
}

/** null where the program is not there, or did not end in time. */
function statusOf(program: string, args: readonly string[], signal: AbortSignal) {
  return ask(program, args, { limitMs, signal }).then(
    ({ exitCode }) => exitCode,
    () => null,
  );
}
