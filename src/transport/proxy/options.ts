import type { damaged } from "../../base/credential.ts";
import type { Trust } from "../stages/trust.ts";
import type { Credentials, ProxyAuthentication } from "./authentication.ts";
import type { BypassRule } from "./bypass.ts";

interface CommonProxyOptions {
  host: string;
  port: number;
  /** Targets that are called directly instead. */
  bypass?: readonly BypassRule[];
}

export interface HttpProxyOptions extends CommonProxyOptions {
  kind?: "http";
  authentication: ProxyAuthentication;
  /** Set when the proxy itself speaks TLS: the trust for its certificate. */
  tls?: Trust;
}

/** SOCKS5. The proxy resolves names. */
export interface Socks5ProxyOptions extends CommonProxyOptions {
  kind: "socks5";
  /** `withheld`: there is a password, which may not be said in the clear. */
  credentials: SocksCredentials;
}

export type SocksCredentials = Credentials | typeof damaged | "withheld" | null;

export type ProxyOptions = HttpProxyOptions | Socks5ProxyOptions;
