import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

const elliptic = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 60 * 60_000;

export interface ServerCertificate {
  /** PEM, with the certificates of the authorities between it and the root. */
  certificate: string;
  privateKey: string;
}

export interface Validity {
  fromMs: number;
  toMs: number;
}

export interface KeyOptions {
  /** Instead of a key on P-256. */
  rsaBits?: number;
  hash?: "SHA-1" | "SHA-256";
}

export interface IssueOptions extends KeyOptions {
  /** Names that stand in the certificate as DNS names, also where they are addresses. */
  asDns?: boolean;
}

export interface TestAuthority {
  /** The authority's own certificate, PEM. */
  certificate: string;
  issue(
    names: readonly string[],
    validity?: Validity,
    options?: IssueOptions,
  ): Promise<ServerCertificate>;
  /** An authority below this one. Servers send its certificate along. */
  subordinate(name: string, validity?: Validity, options?: KeyOptions): Promise<TestAuthority>;
}

const decades: Validity = { fromMs: Date.now() - 3650 * day, toMs: Date.now() + 3650 * day };

/** A certificate authority for servers of tests. */
export async function makeTestAuthority(
  name = "Test Authority",
  validity = decades,
  options: KeyOptions = {},
): Promise<TestAuthority> {
  return makeAuthority(name, validity, options, null);
}

interface Signer {
  subject: string;
  key: webcrypto.CryptoKey;
  /** PEM of what a server sends along. */
  chain: string;
}

async function makeAuthority(
  name: string,
  validity: Validity,
  options: KeyOptions,
  above: Signer | null,
): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await makeKeys(options);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: nextSerial(),
    subject: `CN=${name}`,
    issuer: above?.subject ?? `CN=${name}`,
    notBefore: new Date(validity.fromMs),
    notAfter: new Date(validity.toMs),
    signingAlgorithm: algorithmOf(options, above?.key),
    publicKey: keys.publicKey,
    signingKey: above?.key ?? keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const own = certificate.toString("pem");
  const chain = above === null ? "" : `${own}\n${above.chain}`;
  const signer: Signer = { subject: certificate.subject, key: keys.privateKey, chain };
  return {
    certificate: own,
    issue: (names, lifetime, more) => issue(signer, names, lifetime, more),
    subordinate: (lower, lifetime = decades, more = {}) =>
      makeAuthority(lower, lifetime, more, signer),
  };
}

async function issue(
  signer: Signer,
  names: readonly string[],
  validity: Validity = { fromMs: Date.now() - day, toMs: Date.now() + day },
  options: IssueOptions = {},
): Promise<ServerCertificate> {
  const own = await makeKeys(options);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: nextSerial(),
    subject: `CN=${names[0]}`,
    issuer: signer.subject,
    notBefore: new Date(validity.fromMs),
    notAfter: new Date(validity.toMs),
    signingAlgorithm: algorithmOf(options, signer.key),
    publicKey: own.publicKey,
    signingKey: signer.key,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((each) => ({ type: isIP(each) && !options.asDns ? "ip" : "dns", value: each })),
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n${signer.chain}`,
    privateKey: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}

let serial = 1;
const nextSerial = () => (++serial).toString(16).padStart(4, "0");

function makeKeys({ rsaBits }: KeyOptions): Promise<webcrypto.CryptoKeyPair> {
  const usages: webcrypto.KeyUsage[] = ["sign", "verify"];
  if (rsaBits === undefined) return webcrypto.subtle.generateKey(elliptic, true, usages);
  const rsa = { name: "RSASSA-PKCS1-v1_5", modulusLength: rsaBits, hash: "SHA-256" };
  const publicExponent = new Uint8Array([1, 0, 1]);
  return webcrypto.subtle.generateKey({ ...rsa, publicExponent }, true, usages);
}

/** Of a signature by `key`; of one by an own key where there is none. */
function algorithmOf({ rsaBits, hash = "SHA-256" }: KeyOptions, key?: webcrypto.CryptoKey) {
  const isRsa = key ? key.algorithm.name !== "ECDSA" : rsaBits !== undefined;
  return isRsa ? { name: "RSASSA-PKCS1-v1_5", hash } : { ...elliptic, hash };
}
