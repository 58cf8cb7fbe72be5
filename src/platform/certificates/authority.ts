import "reflect-metadata";
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  X509Certificate as NodeCertificate,
  webcrypto,
} from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import type { KeyPair } from "./schemas.ts";

const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" };
const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };
const dayMs = 86_400_000;
const authorityDays = 3652;
const serverDays = 365;
export const applianceDays = 180;
/**
 * Certificates begin a day early, because an appliance whose clock is slow would refuse a new one
 * as not valid yet.
 */
const backdatedMs = dayMs;

/**
 * The platform's own certificate authority: one root, which signs the server's and the appliances'
 * certificates.
 */
export class CertificateAuthority {
  readonly certificate: string;
  readonly #parsed: X509Certificate;
  readonly #key: webcrypto.CryptoKey;
  readonly #clock: Clock;
  readonly #random: Random;

  private constructor(
    parsed: X509Certificate,
    key: webcrypto.CryptoKey,
    clock: Clock,
    random: Random,
  ) {
    this.certificate = `${parsed.toString("pem")}\n`;
    this.#parsed = parsed;
    this.#key = key;
    this.#clock = clock;
    this.#random = random;
  }

  static async load(pair: KeyPair, clock: Clock, random: Random): Promise<CertificateAuthority> {
    const pkcs8 = createPrivateKey(pair.privateKey).export({ type: "pkcs8", format: "der" });
    const key = await webcrypto.subtle.importKey("pkcs8", pkcs8, keyAlgorithm, false, ["sign"]);
    return new CertificateAuthority(new X509Certificate(pair.certificate), key, clock, random);
  }

  static async make(name: string, clock: Clock, random: Random): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.createSelfSigned(
      {
        serialNumber: serialNumber(random),
        name: [{ CN: [name] }],
        ...validity(clock, authorityDays),
        signingAlgorithm,
        keys,
        extensions: [
          new BasicConstraintsExtension(true, 0, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
          await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        ],
      },
      webcrypto,
    );
    return {
      certificate: `${certificate.toString("pem")}\n`,
      privateKey: await exportKey(keys.privateKey),
    };
  }

  /** SHA-256 of the authority's certificate as people compare it: hexadecimal pairs with colons. */
  get fingerprint(): string {
    return new NodeCertificate(this.certificate).fingerprint256;
  }

  async issueServer(names: readonly string[]): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
    const subjectNames = names.map((name) => ({
      type: isIP(name) ? ("ip" as const) : ("dns" as const),
      value: name,
    }));
    const certificate = await this.#issue(names[0] ?? "platform", keys.publicKey, serverDays, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(subjectNames),
    ]);
    return { certificate, privateKey: await exportKey(keys.privateKey) };
  }

  /**
   * A certificate (PEM) whose common name is the appliance's id. The appliance renews it at two
   * thirds of its life.
   */
  async issueAppliance(applianceId: string, request: CheckedRequest): Promise<string> {
    const key = await webcrypto.subtle.importKey(
      "spki",
      Buffer.from(request.publicKey, "base64"),
      keyAlgorithm,
      true,
      ["verify"],
    );
    return this.#issue(applianceId, key, applianceDays, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
    ]);
  }

  async #issue(
    commonName: string,
    publicKey: webcrypto.CryptoKey,
    days: number,
    extensions: Extension[],
  ): Promise<string> {
    const period = validity(this.#clock, days);
    const certificate = await X509CertificateGenerator.create(
      {
        serialNumber: serialNumber(this.#random),
        issuer: this.#parsed.subjectName,
        subject: [{ CN: [commonName] }],
        notBefore: new Date(Math.max(period.notBefore.getTime(), this.#parsed.notBefore.getTime())),
        notAfter: new Date(Math.min(period.notAfter.getTime(), this.#parsed.notAfter.getTime())),
        signingAlgorithm,
        signingKey: this.#key,
        publicKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
          await AuthorityKeyIdentifierExtension.create(this.#parsed.publicKey, false, webcrypto),
          ...extensions,
        ],
      },
      webcrypto,
    );
    return `${certificate.toString("pem")}\n`;
  }
}

/** The key of a certificate request whose signature was checked. */
export interface CheckedRequest {
  /** SubjectPublicKeyInfo, DER in base64. */
  publicKey: string;
}

/**
 * Checks that a certificate request (PKCS #10, PEM) is signed with its own key, and that this is a
 * P-256 key. Throws OutriderError "request-invalid".
 */
export async function checkCertificateRequest(pem: string): Promise<CheckedRequest> {
  const refused = (detail: Fact, cause?: unknown) =>
    new OutriderError("request-invalid", { detail, cause });
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const publicKey: KeyObject = createPublicKey({
      key: Buffer.from(request.publicKey.rawData),
      format: "der",
      type: "spki",
    });
    if (publicKey.asymmetricKeyDetails?.namedCurve !== "prime256v1")
      throw refused(fact("request-of-other-key"));
    if (!(await request.verify(webcrypto))) throw refused(fact("request-not-own-key"));
    return { publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64") };
  } catch (error) {
    throw error instanceof OutriderError ? error : refused(fact("request-unreadable"), error);
  }
}

function validity(clock: Clock, days: number): { notBefore: Date; notAfter: Date } {
  const now = clock.nowMs();
  return { notBefore: new Date(now - backdatedMs), notAfter: new Date(now + days * dayMs) };
}

/** 16 random bytes as hexadecimal digits; positive and not 0 (RFC 5280 section 4.1.2.2). */
function serialNumber(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", key);
  return createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" })
    .export({ type: "pkcs8", format: "pem" })
    .toString();
}
