import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { chainOf, nameOf } from "../../transport/stages/certificate.ts";
import { plainText } from "../program/plain-text.ts";

/** What a TLS connection shows of itself. */
export interface Peek {
  protocol: string;
  cipher: string;
  /** The group of the key agreement, as X25519MLKEM768; "" where it is not told. */
  group: string;
  chain: readonly PeekedCertificate[];
}

export interface PeekedCertificate {
  subject: string;
  issuer: string;
  /** The names and addresses that it is for, at most eight. */
  names: string;
  fromMs: number;
  toMs: number;
  /** As "rsa 2048" or "ec prime256v1". */
  key: string;
  /** As "ecdsa-with-SHA256". */
  signature: string;
  fingerprint256: string;
}

const mostCertificates = 8;

/** Reads a connection after its handshake, whatever its certificate is worth. */
export function peekAt(socket: TLSSocket): Peek {
  const group: unknown = Reflect.get(socket.getEphemeralKeyInfo() ?? {}, "name");
  return {
    protocol: socket.getProtocol() ?? "",
    cipher: socket.getCipher()?.standardName ?? "",
    group: typeof group === "string" ? group : "",
    chain: chainOf(socket)
      .slice(0, mostCertificates)
      .map(({ raw, subject, issuer, valid_from, valid_to, fingerprint256 }) => ({
        subject: nameOf(subject),
        issuer: nameOf(issuer),
        ...readRaw(raw),
        fromMs: Date.parse(valid_from),
        toMs: Date.parse(valid_to),
        fingerprint256,
      })),
  };
}

const mostNames = 8;

function readRaw(raw: Buffer): Pick<PeekedCertificate, "names" | "key" | "signature"> {
  try {
    const certificate = new X509Certificate(raw);
    const names = (certificate.subjectAltName ?? "").split(", ").filter((name) => name !== "");
    const more = names.length > mostNames ? ", ..." : "";
    return {
      names: plainText(
        names
          .slice(0, mostNames)
          .map((name) => name.replace(/^(?:DNS|IP Address):/, ""))
          .join(", ") + more,
        400,
      ),
      key: keyOf(certificate),
      signature: plainText(certificate.signatureAlgorithm ?? ""),
    };
  } catch {
    // A key of a kind that OpenSSL does not know.
    return { names: "", key: "?", signature: "?" };
  }
}

function keyOf({ publicKey }: X509Certificate): string {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  const size = modulusLength ?? namedCurve;
  return [publicKey.asymmetricKeyType ?? "?", ...(size === undefined ? [] : [size])].join(" ");
}

/** The lines of the answer. */
export function peekLines({ protocol, cipher, group, chain }: Peek): Fact[] {
  return [
    group === ""
      ? fact("tls-agreed", { protocol, cipher })
      : fact("tls-agreed-group", { protocol, cipher, group }),
    ...chain.flatMap((certificate, index) => {
      const { subject, issuer, names, fromMs, toMs, key, signature, fingerprint256 } = certificate;
      return [
        fact("certificate-of", { number: index + 1, subject, issuer }),
        ...(index > 0 || names === "" ? [] : [fact("certificate-names", { names })]),
        fact("certificate-dates", { from: day(fromMs), to: day(toMs) }),
        fact("certificate-key", { key, signature }),
        fact("certificate-fingerprint", { fingerprint: fingerprint256 }),
      ];
    }),
  ];
}

export function day(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : "?";
}
