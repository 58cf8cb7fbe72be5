import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { ask } from "./program.ts";

/** RFC 5227 section 1.1 sends 3 probes, 1 to 2 s apart; these are as many, for an impatient person. */
const probes = 3;
const probeEveryMs = 300;
const limitMs = 6000;
const mostOwners = 4;

/**
 * Sends ARP probes for an IPv4 address, with the sender address 0.0.0.0, so that nobody's table is
 * changed (RFC 5227 section 2.1.1), and returns the MAC addresses of those who answer for it.
 */
export async function askOwners(
  device: string,
  address: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { stdout, stderr, exitCode } = await ask(
    "nping",
    [
      "--privileged",
      "--arp",
      "--arp-type",
      "ARP",
      "--arp-sender-ip",
      "0.0.0.0",
      "--count",
      String(probes),
      "--delay",
      `${probeEveryMs}ms`,
      "--interface",
      device,
      "--",
      address,
    ],
    { limitMs, signal },
  );
  // nping ends with 0 also when it could not open the device, and then sends nothing.
  if (exitCode !== 0 || !/^SENT /m.test(stdout))
    throw new OutriderError("system-failed", {
      detail: fact("program-said", {
        program: "nping",
        said: lastLine(stderr) || lastLine(stdout),
      }),
    });
  return ownersIn(stdout, address);
}

/** nping's lines, as "RCVD (0.8566s) ARP reply 192.0.2.10 is at 62:F9:5C:55:33:53". */
export function ownersIn(output: string, address: string): string[] {
  const found = output.matchAll(/^RCVD \([\d.]+s\) ARP reply (\S+) is at ([0-9A-Fa-f:]{17})\s*$/gm);
  const macs = [...found].flatMap(([, who, mac]) =>
    who === address && mac !== undefined ? [mac.toLowerCase()] : [],
  );
  return [...new Set(macs)].slice(0, mostOwners);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
}
