import { createSocket } from "node:dgram";
import { promises as dns } from "node:dns";
import { isIPv6 } from "node:net";
import { execa } from "execa";
import { OutriderError } from "../base/messages/error.ts";
import { type Fact, fact } from "../base/messages/facts.ts";

const neighbourLimitMs = 3500;
const neighbourPollMs = 100;
const dnsTimeoutMs = 1500;

/**
 * Whether an IPv4 neighbour answers ARP: by arping, or where that is missing or not permitted, by
 * the kernel's neighbour table.
 */
export async function neighbourAnswers(
  device: string,
  address: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { exitCode } = await execa(
    "arping",
    ["-q", "-f", "-c", "3", "-w", "3", "-I", device, address],
    {
      reject: false,
      cancelSignal: signal,
      timeout: neighbourLimitMs + 1000,
      stdin: "ignore",
    },
  );
  // arping(8): 0 when there was a reply, 1 when there was none; any other status is its own error.
  if (exitCode === 0 || exitCode === 1) return exitCode === 0;
  return askKernel(device, address, signal);
}

async function askKernel(device: string, address: string, signal: AbortSignal): Promise<boolean> {
  await sendDatagram(address);
  for (
    let waitedMs = 0;
    waitedMs < neighbourLimitMs && !signal.aborted;
    waitedMs += neighbourPollMs
  ) {
    const { stdout } = await execa("ip", ["neighbour", "show", address, "dev", device], {
      reject: false,
      timeout: 2000,
    });
    if (/\b(?:REACHABLE|STALE|DELAY|PROBE|PERMANENT|NOARP)\b/.test(stdout)) return true;
    if (/\bFAILED\b/.test(stdout)) return false;
    await new Promise((resolve) => setTimeout(resolve, neighbourPollMs));
  }
  return false;
}

/** Sends a datagram to the discard port (RFC 863), so that the kernel looks for the neighbour. */
function sendDatagram(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.on("error", () => undefined);
    socket.send("", 9, address, () => socket.close(() => resolve()));
  });
}

/**
 * Asks one DNS server for a name's IPv4 addresses. Without a name any answer will do. Rejects with
 * OutriderError "dns-refused" or "dns-silent".
 */
export async function askDns(
  server: string,
  name: string | null,
  signal: AbortSignal,
): Promise<Fact> {
  const resolver = new dns.Resolver({ timeout: dnsTimeoutMs, tries: 2 });
  const stop = () => resolver.cancel();
  signal.addEventListener("abort", stop, { once: true });
  try {
    resolver.setServers([isIPv6(server) ? `[${server}]` : server]);
    if (name === null) {
      await resolver.resolveNs(".");
      return fact("dns-answers");
    }
    const addresses = await resolver.resolve4(name);
    return fact("name-found", { host: name, addresses: addresses.slice(0, 4).join(", ") });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    // The server works. A name that does not exist is reported by the probes of the services.
    if (["ENOTFOUND", "ENODATA"].includes(code))
      return name === null ? fact("dns-answers") : fact("dns-answers-without", { host: name });
    if (["EREFUSED", "ESERVFAIL", "ENOTIMP", "EFORMERR"].includes(code)) {
      if (name === null) return fact("dns-answers");
      throw new OutriderError("dns-refused", {
        detail: fact("dns-asked-for", { server, host: name, said: code }),
        cause: error,
      });
    }
    const asked =
      name === null
        ? fact("dns-asked", { server, said: code })
        : fact("dns-asked-for", { server, host: name, said: code });
    throw new OutriderError("dns-silent", { detail: asked, cause: error });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
