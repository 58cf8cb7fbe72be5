import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from "node:tls";
import type { Trust } from "./trust.ts";

export interface TlsFacts {
  protocol: string;
  issuer: string;
  subject: string;
  fingerprint256: string;
  validFromMs: number;
  validToMs: number;
  /** False when the issuer is unknown, which was allowed. */
  issuerTrusted: boolean;
  /**
   * Trusted only through an added authority that is not the platform's: a device on the path reads
   * along.
   */
  intercepted: boolean;
  /** Only a ClientHello without the large key of post-quantum agreement was answered. */
  classicalOnly: boolean;
}

/** Whether the issuer is trusted is for the caller to find out. */
export function factsOf(socket: TLSSocket, certificate: PeerCertificate): TlsFacts {
  return {
    protocol: socket.getProtocol() ?? "",
    issuer: nameOf(certificate.issuer),
    subject: nameOf(certificate.subject),
    fingerprint256: certificate.fingerprint256 ?? "",
    validFromMs: Date.parse(certificate.valid_from),
    validToMs: Date.parse(certificate.valid_to),
    issuerTrusted: true,
    intercepted: false,
    classicalOnly: false,
  };
}

/** A sign that needs no translation. */
const nameless = "?";

export function nameOf(name: unknown): string {
  if (typeof name !== "object" || name === null) return nameless;
  const parts = ["CN", "O", "OU"].flatMap((key) => {
    const value: unknown = Reflect.get(name, key);
    return typeof value === "string" ? [value] : [];
  });
  return clean(parts[0] ?? nameless);
}

/** The names that a certificate is for, to be shown. */
export function namesOf(certificate: PeerCertificate): string {
  return clean(
    (certificate.subjectaltname ?? "").replace(/DNS:|IP Address:/g, "") ||
      nameOf(certificate.subject),
  );
}

/** The names in a certificate are foreign text. */
function clean(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/**
 * The certificates from the server's own on, as they were sent and then as they are known here. Node
 * gives a root as its own issuer.
 */
export function chainOf(socket: TLSSocket): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  const seen = new Set<string>();
  let at: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (at?.fingerprint256 && !seen.has(at.fingerprint256)) {
    seen.add(at.fingerprint256);
    chain.push(at);
    at = at.issuerCertificate;
  }
  return chain;
}

/** The issuer of the chain's last certificate: its root, which is often not sent itself. */
export function endOfChain(socket: TLSSocket): string {
  return nameOf(chainOf(socket).at(-1)?.issuer);
}

/**
 * Whether the chain ends at an authority that the operator added, while the platform has its own:
 * then an inspecting device answered.
 */
export function isIntercepted(
  socket: TLSSocket,
  { certificateAuthorities, platformAuthorities }: Trust,
): boolean {
  if (!platformAuthorities || certificateAuthorities.length === 0) return false;
  const platform = fingerprintsOf(platformAuthorities);
  const added = fingerprintsOf(certificateAuthorities);
  const chain = chainOf(socket);
  if (chain.some(({ fingerprint256 }) => platform.has(fingerprint256))) return false;
  return chain.some(({ fingerprint256 }) => added.has(fingerprint256));
}

function fingerprintsOf(certificates: readonly string[]): Set<string> {
  const each = certificates.flatMap(
    (text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [],
  );
  return new Set(each.map((certificate) => new X509Certificate(certificate).fingerprint256));
}
