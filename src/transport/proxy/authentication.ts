import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { asFacts, type Fact } from "../../base/messages/facts.ts";
import type { ProxyScheme } from "../../settings/model/proxy-schemes.ts";
import type { Challenge } from "./challenges.ts";

/**
 * One scheme to log in at a proxy. `begin` is called for each tunnel. State that outlives a tunnel
 * (a nonce, the scheme that worked) is kept here, so one object belongs to one proxy.
 */
export interface ProxyAuthentication {
  readonly scheme: ProxyScheme;
  begin(target: LoginTarget): ProxyLogin;
}

export interface LoginTarget {
  /** The target of CONNECT, as platform.example.org:443. */
  authority: string;
  /** The configured name of the proxy: Kerberos and NTLM sign it. */
  proxyHost: string;
}

/** A 407 answer to CONNECT (RFC 9110 section 15.5.8). */
export interface LoginDemand {
  challenges: readonly Challenge[];
  /** The proxy may offer more than `challenges`: a part of its answer could not be read. */
  incomplete: boolean;
  /**
   * False when the proxy ended the connection: NTLM cannot continue on another one, the other
   * schemes can.
   */
  sameConnection: boolean;
}

export type LoginStep =
  /** The value of Proxy-Authorization for the next CONNECT, one byte a character; null for none. */
  | { kind: "say"; authorization: string | null }
  /**
   * There is nothing better to send. Without a code the tunnel derives it from what the proxy
   * offers.
   */
  | { kind: "give-up"; code?: ErrorCode; reason?: readonly Fact[] };

export interface ProxyLogin {
  /** `demand` is null for the first CONNECT. */
  next(demand: LoginDemand | null, signal: AbortSignal): LoginStep | Promise<LoginStep>;
  /**
   * Called when the proxy accepted a CONNECT with Proxy-Authorization. Returns the scheme that was
   * agreed on, as "digest MD5".
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

/**
 * The UTF-8 bytes of a text, one byte a character: the form in which heads are written and hashed
 * here.
 */
export function utf8Bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/**
 * RFC 7617 section 2 and RFC 7616 section 4 forbid control characters, and a line end would forge a
 * header field.
 */
export function hasControlCharacters(text: string): boolean {
  return /[\u0000-\u001f\u007f]/.test(text);
}
