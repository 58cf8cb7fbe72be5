import { type Directory, type ServiceName, serviceNames } from "../../protocol/schemas/common.ts";

/** The platform's name, its URLs and its address ranges, as options name them. */
export interface PublicAddresses {
  name: string;
  /** Its port may be 0: then it is the listening port. */
  url: URL;
  services: Record<ServiceName, URL>;
  /** CIDR ranges that a site's firewall must allow. */
  ipRanges: string[];
}

/** Where the platform and its services are, as everybody outside sees them. */
export interface PlatformAddresses {
  url: URL;
  services: Record<ServiceName, URL>;
  directory: Directory;
}

/** @param listeningPort stands for port 0 in the URLs: known only when the platform listens. */
export function platformAddresses(
  options: PublicAddresses,
  listeningPort: number,
): PlatformAddresses {
  const settled = (url: URL) => {
    const copy = new URL(url);
    if (copy.port === "0") copy.port = String(listeningPort);
    return copy;
  };
  const { enrolment, health, updates, jobs, results } = options.services;
  const services = {
    enrolment: settled(enrolment),
    health: settled(health),
    updates: settled(updates),
    jobs: settled(jobs),
    results: settled(results),
  };
  return {
    url: settled(options.url),
    services,
    directory: {
      platformName: options.name,
      services: {
        enrolment: services.enrolment.href,
        health: services.health.href,
        updates: services.updates.href,
        jobs: services.jobs.href,
        results: services.results.href,
      },
      ipRanges: options.ipRanges,
    },
  };
}

/** Every name in the server's certificate: those of the URLs, and this machine's own. */
export function certificateNames(options: PublicAddresses): string[] {
  const hosts = [options.url, ...serviceNames.map((name) => options.services[name])].map((url) =>
    url.hostname.replace(/^\[|\]$/g, ""),
  );
  return [...new Set([...hosts, "localhost", "127.0.0.1"])];
}
