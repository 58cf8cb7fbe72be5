import { softwareVersion } from "../../base/version.ts";

/**
 * User-Agent of every request (RFC 9110 section 10.1.5): proxies and firewalls have rules that
 * refuse requests without one.
 */
export const userAgent = `Outrider/${(await softwareVersion()).replace(/[^\w.+-]/g, "-")}`;
