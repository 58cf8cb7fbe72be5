import type { Trust } from "../stages/tls.ts";
import type { Credentials, ProxyAuthentication } from "./authentication.ts";
import type { BypassRule } from "./bypass.ts";

interface CommonProxyOptions {
  host: string;
  port: number;
  /** Where to go directly instead. */
  bypass?: readonly BypassRule[];
}

export interface HttpProxyOptions extends CommonProxyOptions {
  kind?: "http";
  authentication: ProxyAuthentication;
  /** When the proxy itself is spoken to over TLS: whom to trust there. */
  tls?: Trust;
}

/** SOCKS5; names are resolved by the proxy. */
export interface Socks5ProxyOptions extends CommonProxyOptions {
  kind: "socks5";
  credentials: Credentials | null;
}

export type ProxyOptions = HttpProxyOptions | Socks5ProxyOptions;
