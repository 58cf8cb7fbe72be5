import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { asFacts, type Fact } from "../../base/messages/facts.ts";
import type { ProxyScheme } from "../../settings/model/proxy-schemes.ts";
import type { Challenge } from "./challenges.ts";

/**
 * One way to log in at a proxy. `begin` is called for each tunnel; what may be kept between them (a
 * nonce, the scheme that worked) is kept here, so one object belongs to one proxy.
 */
export interface ProxyAuthentication {
  readonly scheme: ProxyScheme;
  begin(target: LoginTarget): ProxyLogin;
}

export interface LoginTarget {
  /** What CONNECT asks for, as platform.example.org:443. */
  authority: string;
  /** The proxy as it is set: Kerberos and NTLM name it in what they sign. */
  proxyHost: string;
}

/** What the proxy answered when it did not let a CONNECT through for want of a login (407). */
export interface LoginDemand {
  challenges: readonly Challenge[];
  /**
   * False when the proxy ended the connection: NTLM cannot go on over another one, the rest can.
   */
  sameConnection: boolean;
}

export type LoginStep =
  /** The value of Proxy-Authorization for the next CONNECT, one character a byte; null for none. */
  | { kind: "say"; authorization: string | null }
  /** There is nothing better to say. Without a code the tunnel finds it from what is offered. */
  | { kind: "give-up"; code?: ErrorCode; reason?: readonly Fact[] };

export interface ProxyLogin {
  /** `demand` is null for the first CONNECT. */
  next(demand: LoginDemand | null, signal: AbortSignal): LoginStep | Promise<LoginStep>;
  /**
   * Called when the proxy let a CONNECT with a Proxy-Authorization through. Gives the scheme that
   * was agreed on, as "digest MD5".
   */
  accepted(): string;
}

export const say = (authorization: string | null): LoginStep => ({ kind: "say", authorization });
export const giveUp = (code?: ErrorCode, reason?: Fact | readonly Fact[]): LoginStep => ({
  kind: "give-up",
  ...(code === undefined ? {} : { code }),
  ...(reason === undefined ? {} : { reason: asFacts(reason) }),
});

export interface Credentials {
  user: string;
  password: string;
}

/** Text as one character a byte of its UTF-8, which is how heads are written and hashed here. */
export function utf8Bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/**
 * RFC 7617 section 2 and RFC 7616 section 4 forbid them, and a line end would forge a header field.
 */
export function hasControlCharacters(text: string): boolean {
  return /[\u0000-\u001f\u007f]/.test(text);
}
