import { isIP, type Socket } from "node:net";
import { checkServerIdentity, type TLSSocket } from "node:tls";
import { OutriderError } from "../../base/messages/error.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import { errorText, systemErrorCode } from "../wire/time-limit.ts";
import { endOfChain, factsOf, isIntercepted, namesOf, type TlsFacts } from "./certificate.ts";
import { shakeHands } from "./handshake.ts";
import type { Trust } from "./trust.ts";
import { leadsToTrusted } from "./trusted-chain.ts";
import { authoritiesOf, UntrustedIssuer } from "./untrusted-issuer.ts";
import { validityFailure } from "./validity.ts";
import { weaknesses } from "./weak-certificate.ts";

export interface SecuredSocket {
  socket: TLSSocket;
  facts: TlsFacts;
}

const unknownIssuer = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_UNTRUSTED",
]);

/**
 * TLS 1.2 or newer over `socket`. The certificate is checked here and not by Node, so that each
 * fault gets its own code. Rejects with a tls-* error, or with the signal's reason; the socket is
 * closed then.
 */
export async function secure(
  socket: Socket,
  host: string,
  trust: Trust,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<SecuredSocket> {
  const secured = await shakeHands(socket, host, trust, signal);
  trust.onHandshake?.(secured);
  const certificate = secured.getPeerCertificate();
  const facts = factsOf(secured, certificate);
  const fault = verifyFault(secured);
  const issuerKnown = !unknownIssuer.has(fault);
  const failure = isOutsideDates(facts, fault, nowMs())
    ? (strangersFailure(secured, facts, host, trust, nowMs()) ??
      (await validityFailure(secured, host, facts, nowMs(), dateSignal(trust, signal))))
    : certificateFailure(secured, facts, fault, host, trust, nowMs());
  if (failure) {
    secured.destroy();
    throw failure;
  }
  return {
    socket: secured,
    facts: {
      ...facts,
      issuerTrusted: issuerKnown,
      intercepted: issuerKnown && isIntercepted(secured, trust),
      classicalOnly: trust.hello === "classical",
    },
  };
}

function dateSignal({ dateLimitMs = 1500 }: Trust, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(dateLimitMs)]);
}

function isOutsideDates(facts: TlsFacts, fault: string, nowMs: number): boolean {
  return (
    facts.validFromMs > nowMs ||
    facts.validToMs < nowMs ||
    fault === "CERT_NOT_YET_VALID" ||
    fault === "CERT_HAS_EXPIRED"
  );
}

/**
 * What is wrong with a certificate outside its dates that is another's: it would be refused by any
 * clock. OpenSSL tells of the dates alone. One that is not valid yet rather shows that this clock is
 * behind, by which no authority could be trusted.
 */
function strangersFailure(
  socket: TLSSocket,
  facts: TlsFacts,
  host: string,
  trust: Trust,
  nowMs: number,
): OutriderError | null {
  const isForLater = facts.validFromMs > nowMs;
  const fault = isForLater || leadsToTrusted(socket, trust) ? "" : "CERT_UNTRUSTED";
  return certificateFailure(socket, facts, fault, host, trust, nowMs);
}

/** What is wrong with a certificate apart from its dates; null when nothing is. */
function certificateFailure(
  socket: TLSSocket,
  facts: TlsFacts,
  fault: string,
  host: string,
  trust: Trust,
  nowMs: number,
): OutriderError | null {
  const certificate = socket.getPeerCertificate();
  // RFC 9525 section 6: compare the names; done by Node.
  if (checkServerIdentity(host, certificate)) {
    const names = namesOf(certificate);
    // RFC 5280 section 4.2.1.6: an address has a kind of its own, and is not read as a name.
    const isNamed = isIP(host) !== 0 && names.split(", ").includes(host);
    return new OutriderError("tls-name-mismatch", {
      detail: isNamed
        ? fact("tls-address-as-name", { host })
        : fact("tls-other-name", { names, host }),
    });
  }
  if (unknownIssuer.has(fault)) {
    if (trust.allowUnknownIssuer) return null;
    const end = endOfChain(socket);
    const detail = [
      fact("tls-issuer", { issuer: facts.issuer, fingerprint: facts.fingerprint256 }),
      ...(end === facts.issuer ? [] : [fact("tls-chain-end", { name: end })]),
    ];
    const code = trust.platformAuthorities ? "tls-intercepted" : "tls-untrusted";
    return new UntrustedIssuer(code, detail, authoritiesOf(socket, nowMs));
  }
  if (fault === "") return null;
  const weak = /UNSPECIFIED|TOO_(?:SMALL|WEAK)/.test(fault) ? weaknesses(socket) : [];
  if (weak.length > 0) return new OutriderError("tls-weak", { detail: weak });
  return new OutriderError("tls-failed", { detail: quoted(fault) });
}

/**
 * OpenSSL's code for what is wrong with the chain; "" when nothing is. Node's types say Error, but
 * the value is the code's text or an Error that has it.
 */
function verifyFault(socket: TLSSocket): string {
  const fault: unknown = socket.authorizationError;
  if (fault === undefined || fault === null) return "";
  return typeof fault === "string" ? fault : systemErrorCode(fault) || errorText(fault);
}
