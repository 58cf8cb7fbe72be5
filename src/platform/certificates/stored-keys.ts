import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { writeDurably } from "../../base/durable-file.ts";
import { readIfThere } from "../../base/missing-file.ts";
import type { Random } from "../../base/random.ts";
import type { ReplyKey } from "../../protocol/schemas/common.ts";
import { ecdsaSigner, type Signer } from "../../protocol/signature/keys.ts";
import { CertificateAuthority, type KeyPair } from "./authority.ts";

/** The server's certificate is replaced when less than this is left of its life. */
const renewedBeforeMs = 60 * 86_400_000;

export interface PlatformKeys {
  authority: CertificateAuthority;
  replySigner: Signer;
  replyKey: ReplyKey;
  operatorToken: string;
}

/** The keys of this platform. The first start makes them in the data folder. */
export async function loadKeys(
  folder: string,
  platformName: string,
  clock: Clock,
  random: Random,
): Promise<PlatformKeys> {
  // One file holds key and certificate, so that a crash cannot leave a key without its certificate.
  const pair = await readOrMake(join(folder, "certificate-authority.json"), async () =>
    JSON.stringify(
      await CertificateAuthority.make(`${platformName} certificate authority`, clock, random),
    ),
  );
  const replyPrivateKey = await readOrMake(join(folder, "reply-key.pem"), async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  });
  const token = await readOrMake(
    join(folder, "operator-token"),
    async () => `${Buffer.from(random.bytes(24)).toString("base64url")}\n`,
  );
  return {
    authority: await CertificateAuthority.load(asKeyPair(pair), clock, random),
    ...replyKeyOf(createPrivateKey(replyPrivateKey)),
    operatorToken: token.trim(),
  };
}

/** The server's certificate for these names: the stored one as long as it can be used. */
export async function loadServerCertificate(
  folder: string,
  authority: CertificateAuthority,
  names: readonly string[],
  clock: Clock,
): Promise<KeyPair> {
  const path = join(folder, "server-certificate.json");
  const there = await readIfThere(path);
  if (there !== null) {
    const pair = asKeyPair(there.toString("utf8"));
    if (serves(new X509Certificate(pair.certificate), names, authority, clock)) return pair;
  }
  const pair = await authority.issueServer(names);
  await writeDurably(path, JSON.stringify(pair));
  return pair;
}

function serves(
  certificate: X509Certificate,
  names: readonly string[],
  authority: CertificateAuthority,
  clock: Clock,
): boolean {
  const has = (name: string) =>
    (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
  const issuer = new X509Certificate(authority.certificate);
  return (
    names.every(has) &&
    certificate.verify(issuer.publicKey) &&
    certificate.validToDate.getTime() - clock.nowMs() > renewedBeforeMs
  );
}

function replyKeyOf(privateKey: KeyObject): { replySigner: Signer; replyKey: ReplyKey } {
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  // The name is derived from the key, so that a platform with a new key cannot use the old name.
  const keyId = `reply:${publicKey.subarray(-9).toString("base64url")}`;
  return {
    replySigner: ecdsaSigner(keyId, privateKey),
    replyKey: { keyId, publicKey: publicKey.toString("base64") },
  };
}

async function readOrMake(path: string, make: () => Promise<string>): Promise<string> {
  const there = await readIfThere(path);
  if (there !== null) return there.toString("utf8");
  const made = await make();
  await writeDurably(path, made);
  return made;
}

function asKeyPair(text: string): KeyPair {
  const value: unknown = JSON.parse(text);
  if (
    typeof value === "object" &&
    value !== null &&
    "certificate" in value &&
    "privateKey" in value
  ) {
    const { certificate, privateKey } = value;
    if (typeof certificate === "string" && typeof privateKey === "string")
      return { certificate, privateKey };
  }
  throw new TypeError("not a stored certificate");
}
