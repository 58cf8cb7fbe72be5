import { execa } from "execa";

/** The neighbour that a packet goes to first, which did not answer on the link. */
export interface SilentHop {
  address: string;
  device: string;
  /** It is the destination itself, and not a gateway. */
  isDestination: boolean;
}

/** The kernel answers at once; starting the program can take long on a busy machine. */
const limitMs = 5000;

/**
 * Linux says EHOSTUNREACH both when a router says so (RFC 1812 section 5.2.7.1) and when nobody on
 * the link answers ARP or neighbour discovery. Its neighbour table tells them apart: ip-neighbour(8)
 * shows a neighbour that did not answer as FAILED, or INCOMPLETE while it is asked again. null where
 * the first hop answered, or the kernel does not tell.
 */
export async function silentHop(address: string): Promise<SilentHop | null> {
  const route = await ask(["route", "get", address]);
  const device = / dev (\S+)/.exec(route)?.[1];
  if (device === undefined) return null;
  const gateway = / via (?:inet6? )?([0-9a-fA-F.:]+)/.exec(route)?.[1];
  const hop = gateway ?? address;
  const state = await ask(["neighbour", "show", "to", hop, "dev", device]);
  return /\b(?:FAILED|INCOMPLETE)\b/.test(state)
    ? { address: hop, device, isDestination: gateway === undefined }
    : null;
}

async function ask(args: readonly string[]): Promise<string> {
  const { stdout, failed } = await execa("ip", [...args], {
    reject: false,
    timeout: limitMs,
    stdin: "ignore",
    maxBuffer: 64 * 1024,
  });
  return failed ? "" : String(stdout).slice(0, 4000);
}
