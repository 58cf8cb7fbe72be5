import type { Surroundings } from "./surroundings.ts";

/** A service and the URL that the probe asks it for. */
export interface ServiceTarget {
  /** "health", or "platform" before the enrolment. */
  name: string;
  url: URL;
}

/**
 * Before the enrolment only the platform's own address is known, afterwards the five services'.
 * Empty where no platform is set.
 */
export function serviceTargets({ configuration, platform }: Surroundings): ServiceTarget[] {
  if (platform !== null)
    return Object.entries(platform.configuration.directory.services).map(([name, url]) => ({
      name,
      url: new URL(url),
    }));
  if (configuration.platformUrl === null) return [];
  return [{ name: "platform", url: new URL("/.well-known/outrider", configuration.platformUrl) }];
}

/**
 * The services to probe: all of them, or the one that `only` names; the first one for a check that
 * judges by any probe.
 */
export function targetsFor(only: string | null, all: readonly ServiceTarget[]): ServiceTarget[] {
  if (only === null || only === "service") return [...all];
  const named = all.filter(({ name }) => only === serviceId(name));
  return named.length > 0 ? named : all.slice(0, 1);
}

/** The id of a service's result. */
export function serviceId(name: string): string {
  return `service:${name}`;
}

/** A URL's host without the brackets of IPv6, and its port. */
export function placeOfUrl(url: URL): { host: string; port: number } {
  const usualPort = url.protocol === "http:" ? 80 : 443;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? usualPort : Number(url.port),
  };
}
