import { formatAddress, parseAddress } from "../../base/addresses/address.ts";
import type { HostObservation, Port } from "../../protocol/schemas/results.ts";

/** More are a tarpit's. */
const mostPortsOfHost = 65_536;
const mostHosts = 5000;
const longestLine = 200;
const discovered = /^Discovered open port (\d{1,5})\/(tcp|udp) on ([0-9a-fA-F:.]{2,45})$/;

/**
 * The open ports that nmap -v printed the moment it found them. Its XML has a host only when the
 * host's whole group is done: after a run that was ended, these lines are the only trace of what it
 * had found (measured: XML 0 ports, these lines all of them). All hosts are marked `timedOut`.
 */
export async function readNmapProgress(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<HostObservation[]> {
  const hosts = new Map<string, Map<string, Port>>();
  const decoder = new TextDecoder("latin1");
  let rest = "";
  try {
    for await (const chunk of chunks) {
      const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
      // The last one is not whole yet. What is too long is no line of nmap's.
      rest = (lines.pop() ?? "").slice(0, longestLine + 1);
      for (const line of lines) if (line.length <= longestLine) note(hosts, line);
    }
  } catch {
    // A file that is missing, or cannot be read any further, has given all that it has.
  }
  return [...hosts].map(([address, ports]) => ({
    address,
    hostnames: [],
    reason: "",
    ports: [...ports.values()],
    timedOut: true,
  }));
}

function note(hosts: Map<string, Map<string, Port>>, line: string): void {
  const [, text = "", protocol, from = ""] = discovered.exec(line) ?? [];
  const parsed = parseAddress(from);
  const number = Number(text);
  if (!parsed || (protocol !== "tcp" && protocol !== "udp") || number > 65_535) return;
  const address = formatAddress(parsed.family, parsed.value);
  const known = hosts.get(address);
  if (!known && hosts.size >= mostHosts) return;
  const ports = known ?? new Map<string, Port>();
  hosts.set(address, ports);
  if (ports.size < mostPortsOfHost)
    ports.set(`${protocol} ${number}`, { protocol, number, state: "open", reason: "" });
}
