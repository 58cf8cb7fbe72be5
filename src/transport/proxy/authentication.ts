import type { Challenge } from "./challenges.ts";

/**
 * One way to log in at a proxy. `begin` is called for each connection, since some schemes authenticate the connection and not the
 * request.
 */
export interface ProxyAuthentication {
  readonly scheme: "none" | "basic";
  begin(): ProxyLogin;
}

export interface ProxyLogin {
  /**
   * The value of Proxy-Authorization for the next CONNECT, or null for none. `offered` is null for the first one, then what the
   * proxy answered to the one before. "give-up" when there is nothing better to say than what was said.
   */
  next(offered: readonly Challenge[] | null): string | null | "give-up";
}
