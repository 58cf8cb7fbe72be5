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

/** A URL's host without the brackets of IPv6, and its port. */
export function placeOfUrl(url: URL): { host: string; port: number } {
  const usualPort = url.protocol === "http:" ? 80 : 443;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? usualPort : Number(url.port),
  };
}
