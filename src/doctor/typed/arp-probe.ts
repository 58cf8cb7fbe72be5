import { execa } from "execa";

const probes = 2;
const limitSeconds = 2;

/**
 * Whether somebody on the device's link has an IPv4 address, asked without an address of one's own
 * (ARP Probe, RFC 5227 section 1.1); null where it cannot be asked.
 */
export async function isTakenByArp(
  device: string,
  address: string,
  signal: AbortSignal,
): Promise<boolean | null> {
  const { exitCode } = await execa(
    "arping",
    ["-q", "-D", "-f", "-c", `${probes}`, "-w", `${limitSeconds}`, "-I", device, address],
    { reject: false, cancelSignal: signal, timeout: (limitSeconds + 2) * 1000, stdin: "ignore" },
  );
  // arping(8): with -D 0 when nobody answered, 1 when somebody did; another status is its own error.
  return exitCode === 0 || exitCode === 1 ? exitCode === 1 : null;
}
