import type { X509Certificate } from "node:crypto";
import { rootCertificates, type TLSSocket } from "node:tls";
import { chainOf } from "./certificate.ts";
import type { Trust } from "./trust.ts";
import { hasIssued, readCertificate } from "./untrusted-issuer.ts";

/**
 * Whether the certificates that the other side sent lead to one that is trusted, each signed by the
 * next, whatever their dates are: OpenSSL reports one fault of a chain, and dates hide that it leads
 * nowhere.
 */
export function leadsToTrusted(socket: TLSSocket, trust: Trust): boolean {
  const [own, ...above] = chainOf(socket).map(({ raw }) => readCertificate(raw));
  if (!own) return false;
  const trusted = trustedCertificates(trust);
  for (let at = own; ; ) {
    if (trusted.some((each) => each.fingerprint256 === at.fingerprint256 || hasIssued(each, at)))
      return true;
    const next = above.shift();
    if (!next || !hasIssued(next, at)) return false;
    at = next;
  }
}

function trustedCertificates(trust: Trust): X509Certificate[] {
  const added = [...trust.certificateAuthorities, ...(trust.platformAuthorities ?? [])].flatMap(
    (text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [],
  );
  return [...added, ...rootCertificates].flatMap((pem) => readCertificate(Buffer.from(pem)) ?? []);
}
