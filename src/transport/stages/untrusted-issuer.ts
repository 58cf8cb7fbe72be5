import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { chainOf, nameOf } from "./certificate.ts";

/** A certificate of an authority that is not trusted, as the other side sent it. */
export interface SeenAuthority {
  subject: string;
  /** SHA-256 of the certificate, pairs of digits with colons between. */
  fingerprint256: string;
  pem: string;
}

/** Of these, people compare one. */
const mostShown = 3;
/** So that no fingerprint is cut off the detail of a check's result. */
const longestName = 60;

/** The other side's certificate was issued by nobody who is trusted. */
export class UntrustedIssuer extends OutriderError {
  /** From the issuer of the other side's certificate upwards. */
  readonly authorities: readonly SeenAuthority[];

  constructor(code: ErrorCode, facts: readonly Fact[], authorities: readonly SeenAuthority[]) {
    const seen = authorities.map(({ subject, fingerprint256 }) =>
      fact("tls-authority-seen", { name: subject, fingerprint: fingerprint256 }),
    );
    const told = seen.length > 0 ? seen : [fact("tls-no-authority-seen")];
    super(code, { detail: [...facts, ...told] });
    this.authorities = authorities;
  }
}

/** The authorities that an error, or what caused it, has seen. */
export function authoritiesSeen(error: unknown): readonly SeenAuthority[] {
  let at = error;
  for (let depth = 0; at instanceof Error && depth < 10; depth++) {
    if (at instanceof UntrustedIssuer) return at.authorities;
    at = at.cause;
  }
  return [];
}

/**
 * The authorities above the other side's own certificate, as far as each has really signed the one
 * below it: whoever answers may send any certificate along. Never its own certificate, and none that
 * is no authority or is out of date (RFC 5280 sections 4.2.1.3, 4.2.1.9 and 6.1.3).
 */
export function authoritiesOf(socket: TLSSocket, nowMs: number): SeenAuthority[] {
  const [own, ...above] = chainOf(socket);
  const found: SeenAuthority[] = [];
  let below = own && readCertificate(own.raw);
  for (const sent of above) {
    const authority = readCertificate(sent.raw);
    if (!below || !authority || !hasIssued(authority, below)) break;
    if (isCurrent(authority, nowMs) && found.length < mostShown)
      found.push({
        subject: nameOf(sent.subject).slice(0, longestName),
        fingerprint256: authority.fingerprint256,
        pem: authority.toString(),
      });
    below = authority;
  }
  return found;
}

/** Whether `authority` has signed `below`; of what cannot be read, no. */
export function hasIssued(authority: X509Certificate, below: X509Certificate): boolean {
  try {
    return authority.ca && below.checkIssued(authority) && below.verify(authority.publicKey);
  } catch {
    return false;
  }
}

function isCurrent({ validFrom, validTo }: X509Certificate, nowMs: number): boolean {
  return Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo);
}

export function readCertificate(der: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(der);
  } catch {
    return null;
  }
}
