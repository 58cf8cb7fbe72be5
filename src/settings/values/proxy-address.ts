import type { ProxySettings } from "../model/schema.ts";
import { hostInUrl } from "./names.ts";

/**
 * Host and port of the proxy that is named by the settings; null when there is none, or a
 * configuration file decides.
 */
export function namedProxy(proxy: ProxySettings): { host: string; port: number } | null {
  return proxy.kind === "none" || proxy.kind === "pac"
    ? null
    : { host: proxy.host, port: proxy.port };
}

/**
 * The proxy as people read it: `host:port` or the address of the configuration file; null without a
 * proxy.
 */
export function proxyPlace(proxy: ProxySettings): string | null {
  if (proxy.kind === "none") return null;
  return proxy.kind === "pac" ? proxy.url : `${hostInUrl(proxy.host)}:${proxy.port}`;
}
