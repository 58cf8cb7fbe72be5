import { familyOf } from "../../base/addresses/neighbours.ts";
import { ask } from "./program.ts";

const answerLimitMs = 2500;
const limitMs = 5000;

/**
 * Sends one SYN by nmap, which reads the ICMP errors that a TCP socket does not show: the sender of
 * the error is the router or firewall that says no. null where it is the address itself, as for a
 * TCP reset, or nobody.
 */
export async function whoRefuses(
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<string | null> {
  const [bare = "", zone] = address.split("%", 2);
  const { stdout } = await ask(
    "nmap",
    [
      "--privileged",
      ...(familyOf(address) === 6 ? ["-6"] : []),
      ...(zone === undefined ? [] : ["-e", zone]),
      "-n",
      "-Pn",
      "-sS",
      "--send-ip",
      "--max-retries",
      "1",
      "--host-timeout",
      `${answerLimitMs}ms`,
      "-p",
      String(port),
      "-oX",
      "-",
      "--",
      bare,
    ],
    { limitMs, signal },
  );
  const sender = refuserIn(stdout);
  return sender === bare ? null : sender;
}

/** nmap's DTD: reason_ip is the host that sent the answer, where it is not the target. */
export function refuserIn(xml: string): string | null {
  const [, sender] = /<state [^>]*\breason_ip="([0-9A-Fa-f:.]{2,45})"/.exec(xml) ?? [];
  return sender === undefined || familyOf(sender) === null ? null : sender;
}
