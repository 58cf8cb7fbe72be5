import { pemBlocks } from "../../../src/base/pem.ts";
import { describeCertificate } from "../../../src/settings/values/certificates.ts";

export interface CertificateFacts {
  subject: string;
  issuer: string;
  validTo: string;
  fingerprint: string;
}

/** The certificates in a text, each as PEM with lines as they should be. */
export function certificatesIn(text: string): string[] {
  return pemBlocks(text).flatMap(({ label, pem }) => (label === "CERTIFICATE" ? [pem] : []));
}

/** Subject, issuer and dates of a certificate; null when it cannot be read. */
export function certificateFacts(pem: string): CertificateFacts | null {
  const facts = describeCertificate(pem);
  if (facts === null) return null;
  const validTo = Number.isFinite(facts.validToMs)
    ? new Date(facts.validToMs).toISOString().slice(0, 10)
    : "";
  return {
    subject: facts.subject,
    issuer: facts.issuer,
    validTo,
    fingerprint: facts.fingerprint256,
  };
}
