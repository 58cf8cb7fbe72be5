import { X509Certificate } from "node:crypto";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { isOpenSslError } from "../../base/openssl-error.ts";

/** The certificates of a PEM text, each by itself. */
function certificatesOf(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** SHA-256 of each certificate, 64 lower-case hexadecimal digits. None for an unreadable one. */
export function fingerprintsOf(pem: string): string[] {
  return certificatesOf(pem).flatMap((each) => {
    const certificate = read(each);
    return certificate ? [certificate.fingerprint256.replaceAll(":", "").toLowerCase()] : [];
  });
}

/** Throws OutriderError "service-unexpected" unless the text has authorities that can be read. */
export function checkAuthorities(pem: string): void {
  const certificates = certificatesOf(pem);
  if (certificates.length === 0 || certificates.some((each) => read(each) === null))
    throw unreadableCertificate();
}

export function unreadableCertificate(): OutriderError {
  return new OutriderError("service-unexpected", { detail: fact("certificate-unreadable") });
}

/** Whether one of these authorities issued a certificate. */
export function isIssuedBy(certificate: string, authorities: string): boolean {
  const issued = read(certificate);
  return certificatesOf(authorities).some((each) => {
    const authority = read(each);
    return (
      issued !== null &&
      authority !== null &&
      issued.checkIssued(authority) &&
      issued.verify(authority.publicKey)
    );
  });
}

function read(certificate: string): X509Certificate | null {
  try {
    return new X509Certificate(certificate);
  } catch (error) {
    if (!isOpenSslError(error)) throw error;
    return null;
  }
}
