import { consoleKeyboard } from "./console-keyboard.ts";
import { consoleLanguage } from "./console-language.ts";
import { consoleLock } from "./console-lock.ts";
import { dnsServers } from "./dns-servers.ts";
import { hostname } from "./hostname.ts";
import { ipv4Address } from "./ipv4-address.ts";
import { ipv4Gateway } from "./ipv4-gateway.ts";
import { ipv4Method } from "./ipv4-method.ts";
import { ipv6Address } from "./ipv6-address.ts";
import { ipv6Gateway } from "./ipv6-gateway.ts";
import { ipv6Method } from "./ipv6-method.ts";
import { macAddress } from "./mac-address.ts";
import { mtu } from "./mtu.ts";
import { networkMode } from "./network-mode.ts";
import { platformUrl } from "./platform-url.ts";
import { proxyAuthentication } from "./proxy-authentication.ts";
import { proxyBypass } from "./proxy-bypass.ts";
import { proxyFallback } from "./proxy-fallback.ts";
import { proxyHost } from "./proxy-host.ts";
import { proxyKind } from "./proxy-kind.ts";
import { proxyPort } from "./proxy-port.ts";
import { proxyTls } from "./proxy-tls.ts";
import { proxyUrl } from "./proxy-url.ts";
import { proxyUser } from "./proxy-user.ts";
import { routes } from "./routes.ts";
import { scanExclusions } from "./scan-exclusions.ts";
import { scanTimeZone } from "./scan-time-zone.ts";
import { searchDomains } from "./search-domains.ts";
import { timeServers } from "./time-servers.ts";
import { trustedCertificates } from "./trusted-certificates.ts";
import { vlan } from "./vlan.ts";

/**
 * Every setting but those of LAN and WAN, in the order of reviews and forms. Within a form, what
 * decides which others there are comes first: the kind of the proxy, the method of an address.
 */
export const settingFields = [
  hostname,
  networkMode,
  proxyKind,
  proxyHost,
  proxyPort,
  proxyUrl,
  proxyTls,
  proxyAuthentication,
  proxyUser,
  proxyBypass,
  proxyFallback,
  platformUrl,
  trustedCertificates,
  timeServers,
  scanTimeZone,
  scanExclusions,
  consoleLanguage,
  consoleKeyboard,
  consoleLock,
] as const;

/** Every setting that LAN and WAN have each, in that order too. */
export const interfaceFields = [
  macAddress,
  ipv4Method,
  ipv4Address,
  ipv4Gateway,
  ipv6Method,
  ipv6Address,
  ipv6Gateway,
  dnsServers,
  searchDomains,
  vlan,
  mtu,
  routes,
] as const;
