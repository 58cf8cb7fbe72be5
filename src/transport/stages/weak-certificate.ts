import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { chainOf, nameOf } from "./certificate.ts";

/** OpenSSL's security level 2, Node's default: 112 bits of security (SSL_CTX_set_security_level(3)). */
const leastRsaBits = 2048;
const leastCurveBits = 224;

/**
 * Which certificates of the chain are too weak, and by what; empty where none is. Node has no name
 * for OpenSSL's errors of this kind, and says UNSPECIFIED.
 */
export function weaknesses(socket: TLSSocket): Fact[] {
  return chainOf(socket).flatMap(weaknessesOf);
}

function weaknessesOf(certificate: DetailedPeerCertificate): Fact[] {
  const name = nameOf(certificate.subject);
  const found: Fact[] = [];
  const { bits = 0 } = certificate;
  const isRsa = certificate.modulus !== undefined;
  const least = isRsa ? leastRsaBits : leastCurveBits;
  if (bits > 0 && bits < least) found.push(fact("tls-weak-key", { name, bits, least }));
  const { signatureAlgorithm: algorithm = "" } = new X509Certificate(certificate.raw);
  // A root's signature of itself proves nothing, and is not checked.
  const isRoot = certificate.issuerCertificate?.fingerprint256 === certificate.fingerprint256;
  if (/sha-?1(?!\d)|md5/i.test(algorithm) && !isRoot)
    found.push(fact("tls-weak-signature", { name, algorithm }));
  return found;
}
