import { isIP } from "node:net";

/** The addresses that an /etc/hosts file gives a name (hosts(5)). */
export function addressesFromHosts(text: string, name: string): string[] {
  const wanted = name.toLowerCase();
  const addresses: string[] = [];
  for (const line of text.split("\n")) {
    const [address, ...names] = (line.split("#", 1)[0] ?? "").trim().split(/\s+/);
    if (
      address !== undefined &&
      isIP(address) !== 0 &&
      names.some((each) => each.toLowerCase() === wanted)
    )
      addresses.push(address);
  }
  return addresses;
}

export interface ResolverFiles {
  hosts: string;
  resolver: string;
  /** The DNS servers behind systemd-resolved's own address, which names nothing to an operator. */
  behindStub?: string;
  /** The folder of networkd's states of the links: which of those servers are asked for any name. */
  links?: string;
}

export interface ResolverFile {
  nameServers: string[];
  search: string[];
}

/**
 * Reads name servers and search domains (resolv.conf(5)). The last `search` or `domain` line
 * counts.
 */
export function parseResolverFile(text: string): ResolverFile {
  const nameServers: string[] = [];
  let search: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && values[0] !== undefined) nameServers.push(values[0]);
    if (keyword === "search" || keyword === "domain")
      search = values.filter((each) => each !== ".");
  }
  return { nameServers, search: search.slice(0, 6) };
}

/**
 * The names to query in their order: a name without a dot is tried in the search domains first
 * (resolv.conf(5), ndots:1).
 */
export function candidateNames(name: string, search: readonly string[]): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const inDomains = search.map((domain) => `${name}.${domain}`);
  return name.includes(".") ? [name, ...inDomains] : [...inDomains, name];
}
