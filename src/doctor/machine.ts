import { createSocket } from "node:dgram";
import { promises as dns } from "node:dns";
import { isIPv6 } from "node:net";
import { execa } from "execa";
import { familyOf, withoutZone } from "../base/addresses/neighbours.ts";
import { OutriderError } from "../base/messages/error.ts";
import { type Fact, fact } from "../base/messages/facts.ts";
import { relayTo } from "../transport/stages/dns-relay.ts";
import { isUnusable } from "../transport/stages/unusable-addresses.ts";

const neighbourLimitMs = 3500;
const neighbourPollMs = 100;
const dnsTimeoutMs = 1500;

/**
 * Whether a neighbour answers: for IPv4 by arping, and where that is missing or not permitted, and
 * for IPv6 (neighbour discovery, RFC 4861), by the kernel's neighbour table.
 *
 * @param address a link-local one with its zone
 */
export async function neighbourAnswers(
  device: string,
  address: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (familyOf(address) === 6) return askKernel(device, address, signal);
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
    const { stdout, stderr, exitCode } = await execa(
      "ip",
      ["neighbour", "show", withoutZone(address), "dev", device],
      {
        reject: false,
        timeout: 2000,
      },
    );
    // That the table cannot be read says nothing of the neighbour.
    if (exitCode !== 0)
      throw new OutriderError("system-failed", {
        detail: fact("program-said", { program: "ip", said: stderr.slice(0, 300) }),
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
    const socket = createSocket(familyOf(address) === 6 ? "udp6" : "udp4");
    socket.on("error", () => undefined);
    socket.send("", 9, address, () => socket.close(() => resolve()));
  });
}

/**
 * Asks one DNS server for a name's addresses of both families, as the agent does. Rejects with
 * OutriderError "dns-refused", "dns-blocked" or "dns-silent".
 *
 * @param server a link-local one with its zone
 * @param names those that may be meant, in their order; none: any answer will do
 */
export async function askDns(
  server: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Fact> {
  const relay = server.includes("%") ? await relayTo(server) : null;
  const resolver = new dns.Resolver({ timeout: dnsTimeoutMs, tries: 2 });
  const stop = () => resolver.cancel();
  signal.addEventListener("abort", stop, { once: true });
  try {
    resolver.setServers([relay?.address ?? (isIPv6(server) ? `[${server}]` : server)]);
    const [first] = names;
    if (first === undefined) return await askAnything(resolver, server);
    let failure: OutriderError | null = null;
    for (const host of names) {
      const answer = await askName(resolver, server, host);
      if (Array.isArray(answer))
        return fact("name-found", { host, addresses: answer.slice(0, 4).join(", ") });
      failure ??= answer;
    }
    if (failure !== null) throw failure;
    // The server works. A name that does not exist is reported by the probes of the services.
    return fact("dns-answers-without", { host: names.join(", ") });
  } finally {
    signal.removeEventListener("abort", stop);
    relay?.close();
  }
}

/** The root's SOA: each server knows it, and its answer is small. */
async function askAnything(resolver: dns.Resolver, server: string): Promise<Fact> {
  try {
    await resolver.resolveSoa(".");
  } catch (error) {
    const code = codeOf(error);
    if (!answered.includes(code) && !refused.includes(code))
      throw new OutriderError("dns-silent", {
        detail: fact("dns-asked", { server, said: code }),
        cause: error,
      });
  }
  return fact("dns-answers");
}

/** null where the server says that there are no such addresses. */
async function askName(
  resolver: dns.Resolver,
  server: string,
  host: string,
): Promise<string[] | OutriderError | null> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = answers.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
  const usable = addresses.filter((address) => !isUnusable(address));
  if (usable.length > 0) return usable;
  if (addresses.length > 0)
    return new OutriderError("dns-blocked", {
      detail: fact("name-blocked", {
        host,
        addresses: addresses.slice(0, 4).join(", "),
        servers: server,
      }),
    });
  const causes = answers.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  const failed = (code: "dns-refused" | "dns-silent", cause: unknown) =>
    new OutriderError(code, {
      detail: fact("dns-asked-for", { server, host, said: codeOf(cause) }),
      cause,
    });
  const refusal = causes.find((cause) => refused.includes(codeOf(cause)));
  if (refusal !== undefined) return failed("dns-refused", refusal);
  const silence = causes.find((cause) => !answered.includes(codeOf(cause)));
  return silence === undefined ? null : failed("dns-silent", silence);
}

/** Node's names of the responses that say that there is no such name, or no such record. */
const answered: readonly string[] = ["ENOTFOUND", "ENODATA"];
const refused: readonly string[] = ["EREFUSED", "ESERVFAIL", "ENOTIMP", "EFORMERR", "EBADRESP"];

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
