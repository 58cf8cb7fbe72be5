import {
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from "node:tls";
import { classicalGroups, type Hello } from "./hello.ts";

export interface Trust {
  /** Certificates in PEM that are trusted besides Node's own roots. */
  certificateAuthorities: readonly string[];
  /**
   * The platform's own authorities, once they are known. They are trusted too, and a certificate
   * under an added authority then means interception.
   */
  platformAuthorities?: readonly string[];
  /**
   * Accepts an unknown issuer; name and dates must still be right. For the first contacts before
   * enrolment, whose content proves itself by the activation code.
   */
  allowUnknownIssuer: boolean;
  /** Sent to a platform that asks for it. */
  clientCertificate?: { certificate: string; privateKey: string };
  /** Unset, `usual`. */
  hello?: Hello | undefined;
  /**
   * How long a server whose certificate is outside its dates may take to tell its own time. Unset,
   * 1.5 s.
   */
  dateLimitMs?: number | undefined;
  /** Sees each connection after its handshake, before its certificate is judged. */
  onHandshake?: ((socket: TLSSocket) => void) | undefined;
}

/**
 * Reading some 150 root certificates takes milliseconds, so it is done once for each trust and not
 * for each connection.
 */
const contexts = new WeakMap<Trust, SecureContext>();

const classical = new WeakMap<Trust, Trust>();

/** The same trust with a ClientHello of classical groups; one object for each. */
export function classicalOf(trust: Trust): Trust {
  const made = classical.get(trust) ?? { ...trust, hello: "classical" };
  classical.set(trust, made);
  return made;
}

function groupsOf(hello: Hello = "usual"): Pick<SecureContextOptions, "ecdhCurve" | "ciphers"> {
  if (hello === "classical") return { ecdhCurve: classicalGroups };
  if (hello !== "small") return {};
  return {
    ecdhCurve: "P-256",
    ciphers: "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
  };
}

/** The TLS settings for `trust`, made once for each object. */
export function contextFor(trust: Trust): SecureContext {
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
    // RFC 5280 section 6.1.1 (d): an added certificate is trusted as it is, also one that another
    // authority issued.
    allowPartialTrustChain: true,
    minVersion: "TLSv1.2",
    ...groupsOf(trust.hello),
  });
  contexts.set(trust, context);
  return context;
}
