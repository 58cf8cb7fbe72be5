import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseResolverFile, type ResolverFiles } from "./resolver-files.ts";

const mostLinks = 64;
const mostBytes = 65_536;

/**
 * The DNS servers behind systemd-resolved that it asks for any name; null when they are not known.
 *
 * Its resolv.conf has the servers of all links. In split mode LAN's are among them, which it never
 * asks for the platform: who asks them itself would send the question out by WAN, and would take
 * their answer for that of the servers that matter. networkd's state of each link says which those
 * are (sd_network_link_get_dns and _get_dns_default_route read the same lines).
 */
export async function serversBehindStub({
  behindStub,
  links,
}: ResolverFiles): Promise<string[] | null> {
  if (behindStub === undefined) return null;
  const text = await readFile(behindStub, "utf8").catch(() => null);
  if (text === null) return null;
  const { nameServers } = parseResolverFile(text);
  const states = links === undefined ? [] : await linkStates(links);
  const asked = new Set(states.flatMap((each) => (each.isDefault ? each.servers : [])));
  const others = new Set(states.flatMap((each) => (each.isDefault ? [] : each.servers)));
  return nameServers.filter((server) => asked.has(server) || !others.has(server));
}

interface LinkState {
  servers: readonly string[];
  isDefault: boolean;
}

/** None where networkd does not run. */
async function linkStates(folder: string): Promise<LinkState[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+$/.test(name));
  return await Promise.all(
    names.slice(0, mostLinks).map(async (index) => {
      const text = await readFile(join(folder, index), "utf8").catch(() => "");
      return parseLinkState(text.slice(0, mostBytes), index);
    }),
  );
}

function parseLinkState(text: string, index: string): LinkState {
  const lineOf = (key: string) =>
    text
      .split("\n")
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1) ?? "";
  const servers = lineOf("DNS").split(/\s+/).filter(Boolean);
  return {
    // A link-local server has its zone in resolv.conf, as a name or as the link's number.
    servers: servers.flatMap((server) =>
      /^fe[89ab]/i.test(server) && !server.includes("%")
        ? [server, `${server}%${index}`]
        : [server],
    ),
    isDefault: lineOf("DNS_DEFAULT_ROUTE") !== "no",
  };
}
