import { serviceNames } from "../../protocol/schemas/common.ts";
import type { PlatformContext } from "../services/context.ts";
import type { AboutView } from "./schemas.ts";

const nmapNotice = "Scans: uses the Nmap Security Scanner, https://nmap.org/";

export function aboutView(
  { addresses, authority, authorities }: PlatformContext,
  version: string,
): AboutView {
  return {
    platformName: addresses.directory.platformName,
    platformUrl: addresses.url.origin,
    directory: addresses.directory,
    certificateAuthority: {
      certificate: authorities.listed,
      fingerprint: authority.fingerprint,
    },
    versions: { platform: version, node: process.versions.node },
    notices: [nmapNotice],
  };
}

/** The firewall rules that a site needs, as text for its firewall administrator. */
export function firewallRules(about: AboutView): string {
  const targets = new Map<string, { host: string; port: string; used: string[] }>();
  const add = (url: URL, use: string) => {
    const target = targets.get(url.host) ?? {
      host: url.hostname,
      port: url.port || "443",
      used: [],
    };
    target.used.push(use);
    targets.set(url.host, target);
  };
  add(new URL(about.platformUrl), "platform address");
  for (const name of serviceNames) add(new URL(about.directory.services[name]), name);
  const lines = [...targets.values()].map(
    ({ host, port, used }) =>
      `allow TCP ${port} (HTTPS) outbound to ${host}   # ${used.join(", ")}`,
  );
  const ranges = about.directory.ipRanges;
  return [
    "From: the Outrider scanner appliance",
    ...lines,
    ...(ranges.length > 0 ? [`These names have addresses in: ${ranges.join(", ")}`] : []),
    "No inbound connection is needed.",
    "HTTP proxies: allow CONNECT to the same names and ports.",
  ].join("\n");
}
