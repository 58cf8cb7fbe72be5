import { describeCertificate } from "../../../src/settings/values/certificates.ts";

export interface CertificateFacts {
  subject: string;
  issuer: string;
  validTo: string;
  fingerprint: string;
}

const block = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g;

/**
 * The certificates in a text, each as PEM with proper lines: a pasted text may have spaces instead.
 */
export function certificatesIn(text: string): string[] {
  return [...text.matchAll(block)].map(([, body = ""]) => {
    const lines = body.replace(/[^A-Za-z0-9+/=]/g, "").match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  });
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
