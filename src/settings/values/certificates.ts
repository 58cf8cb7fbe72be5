import { X509Certificate } from "node:crypto";
import { beginsPem, pemBlocks } from "../../base/pem.ts";
import { type FieldValue, quoted, right, wrong } from "./field-value.ts";

const longestCertificate = 8192;

/**
 * Reads one certificate of an authority, in PEM or base64 of DER; the result is canonical. A certificate that is out
 * of date is taken: settings that were right must not become invalid by the time, nor by a wrong
 * clock.
 */
export function parseCertificate(text: string): FieldValue<string> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const blocks = pemBlocks(typed);
  const labels = blocks.map(({ label }) => label);
  if (labels.some((label) => label.endsWith("PRIVATE KEY"))) return wrong("certificate-is-key");
  if (
    labels.some((label) => label === "CERTIFICATE REQUEST" || label === "NEW CERTIFICATE REQUEST")
  )
    return wrong("certificate-is-request");
  if (labels.length > 1) return wrong("certificate-several");
  const pem = blocks[0]?.pem ?? typed;
  if (pem.length > longestCertificate)
    return wrong("too-long", { limit: String(longestCertificate) });
  const certificate = blocks.length === 0 ? null : read(pem);
  if (certificate === null)
    return beginsPem(typed)
      ? wrong("certificate-damaged")
      : wrong("certificate-malformed", { value: quoted(typed) });
  if (!certificate.ca)
    return wrong("certificate-not-authority", { value: commonName(certificate.subject) });
  return right(certificate.toString());
}

export interface CertificateFacts {
  subject: string;
  issuer: string;
  validFromMs: number;
  validToMs: number;
  /** Pairs of digits with colons between. */
  fingerprint256: string;
}

/** The facts that people know a certificate by; null for a text that is no certificate. */
export function describeCertificate(pem: string): CertificateFacts | null {
  const certificate = read(pem);
  if (certificate === null) return null;
  const { subject, issuer, validFrom, validTo, fingerprint256 } = certificate;
  return {
    subject: commonName(subject),
    issuer: commonName(issuer),
    validFromMs: Date.parse(validFrom),
    validToMs: Date.parse(validTo),
    fingerprint256,
  };
}

function read(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/**
 * The common name, from `CN=...` of a subject with one attribute a line; else the whole subject.
 */
function commonName(subject: string): string {
  return quoted(/^CN=(.*)$/m.exec(subject)?.[1] ?? (subject || "").replaceAll("\n", ", "));
}
