import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type PeerCertificate,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { type Fact, fact, said } from "../../base/messages/facts.ts";
import { readHead } from "../wire/read-head.ts";
import { abortReason, errorText, systemErrorCode } from "../wire/time-limit.ts";

export interface Trust {
  /** Certificates in PEM that are trusted besides Node's own roots. */
  certificateAuthorities: readonly string[];
  /**
   * The platform's own, once they are known: trusted too, and then any issuer that was added tells
   * of somebody between.
   */
  platformAuthorities?: readonly string[];
  /**
   * Goes on when only the issuer is not known; name and validity must still be right. For the first
   * contacts before enrolment, whose content proves itself by the activation code.
   */
  allowUnknownIssuer: boolean;
  /** Shown to a platform that asks for it. */
  clientCertificate?: { certificate: string; privateKey: string };
  /**
   * The shortest question there is, for finding out whether only large packets get lost: without
   * the key of 1.1 kB that post-quantum agreement puts into the first message, and for a protocol
   * that no server speaks, which it says with an alert of a few bytes (RFC 7301 section 3.2)
   * instead of its certificate.
   */
  small?: boolean;
}

export interface TlsFacts {
  protocol: string;
  issuer: string;
  subject: string;
  fingerprint256: string;
  validFromMs: number;
  validToMs: number;
  /** False when the issuer is not known, which was allowed. */
  issuerTrusted: boolean;
  /**
   * Believed only because of an authority that was added, and that is not the platform's: somebody
   * between reads along.
   */
  intercepted: boolean;
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
 * Further off than this, a clock explains a certificate's dates better than the certificate does.
 */
const clockToleranceMs = 60 * 60_000;

export interface SecuredSocket {
  socket: TLSSocket;
  facts: TlsFacts;
}

/**
 * TLS 1.2 or newer over `socket`. The checks are made here and not by Node, so that each fault gets
 * its own code.
 */
export async function secure(
  socket: Socket,
  host: string,
  trust: Trust,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<SecuredSocket> {
  const secured = await shakeHands(socket, host, trust, signal);
  const certificate = secured.getPeerCertificate();
  const facts = factsOf(secured, certificate);
  const fault =
    secured.authorizationError === undefined || secured.authorizationError === null
      ? ""
      : String(verifyCode(secured));
  const issuerUnknown = unknownIssuer.has(fault);
  if (
    facts.validFromMs > nowMs() ||
    facts.validToMs < nowMs() ||
    fault === "CERT_NOT_YET_VALID" ||
    fault === "CERT_HAS_EXPIRED"
  ) {
    const error = await validityFailure(secured, host, facts, nowMs(), signal);
    secured.destroy();
    throw error;
  }
  const nameFault = checkServerIdentity(host, certificate);
  const failure: [ErrorCode, Fact] | null = nameFault
    ? ["tls-name-mismatch", fact("tls-other-name", { names: namesOf(certificate), host })]
    : issuerUnknown && !trust.allowUnknownIssuer
      ? [
          trust.platformAuthorities ? "tls-intercepted" : "tls-untrusted",
          fact("tls-issuer", { issuer: facts.issuer, fingerprint: facts.fingerprint256 }),
        ]
      : fault !== "" && !issuerUnknown
        ? ["tls-failed", said(fault)]
        : null;
  if (failure) {
    secured.destroy();
    throw new OutriderError(failure[0], { detail: failure[1] });
  }
  return {
    socket: secured,
    facts: {
      ...facts,
      issuerTrusted: !issuerUnknown,
      intercepted: !issuerUnknown && isIntercepted(secured, trust),
    },
  };
}

/**
 * Which authority the chain ends at: one that was added while the platform has its own is an
 * inspecting device's.
 */
function isIntercepted(
  socket: TLSSocket,
  { certificateAuthorities, platformAuthorities }: Trust,
): boolean {
  if (!platformAuthorities || certificateAuthorities.length === 0) return false;
  const platform = fingerprintsOf(platformAuthorities);
  const added = fingerprintsOf(certificateAuthorities);
  const seen = new Set<string>();
  let ends = false;
  for (
    let at = socket.getPeerCertificate(true);
    at.fingerprint256 && !seen.has(at.fingerprint256);
    at = at.issuerCertificate
  ) {
    seen.add(at.fingerprint256);
    if (platform.has(at.fingerprint256)) return false;
    ends ||= added.has(at.fingerprint256);
    if (!at.issuerCertificate) break;
  }
  return ends;
}

function fingerprintsOf(certificates: readonly string[]): Set<string> {
  const each = certificates.flatMap(
    (text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [],
  );
  return new Set(each.map((certificate) => new X509Certificate(certificate).fingerprint256));
}

/**
 * Reading some 150 root certificates takes milliseconds: once for each trust, not for each
 * connection.
 */
const contexts = new WeakMap<Trust, SecureContext>();

function contextFor(trust: Trust): SecureContext {
  const known = contexts.get(trust);
  if (known) return known;
  const context = createSecureContext({
    ca: [
      ...rootCertificates,
      ...trust.certificateAuthorities,
      ...(trust.platformAuthorities ?? []),
    ],
    ...(trust.clientCertificate
      ? { cert: trust.clientCertificate.certificate, key: trust.clientCertificate.privateKey }
      : {}),
    minVersion: "TLSv1.2",
    ...(trust.small
      ? {
          ecdhCurve: "P-256",
          ciphers:
            "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
        }
      : {}),
  });
  contexts.set(trust, context);
  return context;
}

function shakeHands(
  socket: Socket,
  host: string,
  trust: Trust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const secured = connectTls({
      socket,
      // An address is no server name (RFC 6066 section 3).
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      secureContext: contextFor(trust),
      ALPNProtocols: [trust.small ? "outrider-nothing" : "http/1.1"],
      rejectUnauthorized: false,
    });
    const finish = () => {
      secured.off("error", onError);
      secured.off("close", onClose);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: Error) => {
      finish();
      secured.on("error", () => undefined);
      secured.destroy();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => fail(abortReason(signal));
    const onError = (error: unknown) => fail(handshakeFailure(error));
    const onClose = () => fail(new OutriderError("tls-failed", { detail: fact("tls-closed") }));
    signal.addEventListener("abort", onAbort, { once: true });
    secured.once("error", onError);
    secured.once("close", onClose);
    secured.once("secureConnect", () => {
      finish();
      resolve(secured);
    });
  });
}

function handshakeFailure(error: unknown): OutriderError {
  const code = systemErrorCode(error);
  const notTls = [
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_SSL_HTTP_REQUEST",
    "ERR_SSL_PACKET_LENGTH_TOO_LONG",
    "ERR_SSL_UNKNOWN_PROTOCOL",
    "EPROTO",
  ];
  const detail = code === "ECONNRESET" ? fact("tls-cut") : said(code || errorText(error));
  return new OutriderError(notTls.includes(code) ? "tls-not-tls" : "tls-failed", {
    detail,
    cause: error,
  });
}

/** Node's types say Error, but it is the code's text or an Error that has it. */
function verifyCode(socket: TLSSocket): string {
  const fault: unknown = socket.authorizationError;
  return typeof fault === "string" ? fault : systemErrorCode(fault) || errorText(fault);
}

/**
 * A certificate outside of its dates: its fault or this clock's? A web server tells its own time in
 * the Date of any answer. That is not proven, but here it only chooses the words: the connection is
 * given up in either case.
 */
async function validityFailure(
  socket: TLSSocket,
  host: string,
  facts: TlsFacts,
  nowMs: number,
  signal: AbortSignal,
): Promise<OutriderError> {
  const dates = fact("tls-dates", {
    first: day(facts.validFromMs),
    last: day(facts.validToMs),
    own: instant(nowMs),
  });
  const serverMs = await serverDate(socket, host, signal);
  const validThere =
    serverMs !== null && facts.validFromMs <= serverMs && serverMs <= facts.validToMs;
  if (validThere && Math.abs(serverMs - nowMs) > clockToleranceMs)
    return new OutriderError("tls-clock", {
      detail: fact("tls-clocks", { theirs: instant(serverMs), own: instant(nowMs) }),
    });
  // Nobody publishes a certificate before its time: with no other clock to ask, this one is the
  // likelier culprit.
  if (facts.validFromMs > nowMs) return new OutriderError("tls-clock", { detail: dates });
  return new OutriderError("tls-expired", { detail: dates });
}

async function serverDate(
  socket: TLSSocket,
  host: string,
  signal: AbortSignal,
): Promise<number | null> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(1500)]);
  socket.on("error", () => undefined);
  try {
    socket.write(`HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const { head } = await readHead(socket, stop);
    const date = Date.parse(head.fields.get("date")?.[0] ?? "");
    return Number.isNaN(date) ? null : date;
  } catch {
    return null;
  }
}

function factsOf(socket: TLSSocket, certificate: PeerCertificate): TlsFacts {
  return {
    protocol: socket.getProtocol() ?? "",
    issuer: nameOf(certificate.issuer),
    subject: nameOf(certificate.subject),
    fingerprint256: certificate.fingerprint256 ?? "",
    validFromMs: Date.parse(certificate.valid_from),
    validToMs: Date.parse(certificate.valid_to),
    issuerTrusted: true,
    intercepted: false,
  };
}

/** A sign and no word: names stand among what is said in anybody's words. */
const nameless = "?";

function nameOf(name: unknown): string {
  if (typeof name !== "object" || name === null) return nameless;
  const parts = ["CN", "O", "OU"].flatMap((key) => {
    const value: unknown = Reflect.get(name, key);
    return typeof value === "string" ? [value] : [];
  });
  return clean(parts[0] ?? nameless);
}

function namesOf(certificate: PeerCertificate): string {
  return clean(
    (certificate.subjectaltname ?? "").replace(/DNS:|IP Address:/g, "") ||
      nameOf(certificate.subject),
  );
}

/** A certificate's names are its maker's text. */
function clean(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

const instant = (ms: number) =>
  Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 16).replace("T", " ") : "?";
const day = (ms: number) => instant(ms).slice(0, 10);
