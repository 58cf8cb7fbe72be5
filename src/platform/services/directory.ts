import { type Directory, type ServiceName, serviceNames } from "../../protocol/schemas/common.ts";

/** The platform's name, URLs and address ranges, as its options give them. */
export interface PublicAddresses {
  name: string;
  /** Port 0 stands for the listening port. */
  url: URL;
  services: Record<ServiceName, URL>;
  /** CIDR ranges that a site's firewall must allow. */
  ipRanges: string[];
}

/** The platform's addresses as appliances and browsers see them. */
export interface PlatformAddresses {
  url: URL;
  services: Record<ServiceName, URL>;
  directory: Directory;
}

/** @param listeningPort replaces port 0 in the URLs */
export function platformAddresses(
  options: PublicAddresses,
  listeningPort: number,
): PlatformAddresses {
  const withPort = (url: URL) => {
    const copy = new URL(url);
    if (copy.port === "0") copy.port = String(listeningPort);
    return copy;
  };
  const { enrolment, health, updates, jobs, results } = options.services;
  const services = {
    enrolment: withPort(enrolment),
    health: withPort(health),
    updates: withPort(updates),
    jobs: withPort(jobs),
    results: withPort(results),
  };
  return {
    url: withPort(options.url),
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

/**
 * The names in the server's certificate: the hosts of all URLs, and the address that programs on
 * this machine use. Never `localhost`: that name would hide a client that compares with it.
 */
export function certificateNames(options: PublicAddresses): string[] {
  const hosts = [options.url, ...serviceNames.map((name) => options.services[name])].map((url) =>
    url.hostname.replace(/^\[|\]$/g, ""),
  );
  return [...new Set([...hosts, "127.0.0.1"])];
}
