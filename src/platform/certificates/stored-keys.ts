import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { writeDurably } from "../../base/durable-file.ts";
import { parseJson } from "../../base/json.ts";
import { readIfThere } from "../../base/missing-file.ts";
import type { Random } from "../../base/random.ts";
import { Authorities } from "./authorities.ts";
import type { CertificateAuthority } from "./authority.ts";
import { ReplyKeys } from "./reply-keys.ts";
import type { KeyPair } from "./schemas.ts";
import { validators } from "./validators.ts";

/** The server's certificate is replaced when less than this is left of its life. */
const renewedBeforeMs = 60 * 86_400_000;

export interface PlatformKeys {
  authorities: Authorities;
  replyKeys: ReplyKeys;
  operatorToken: string;
}

/** The keys of this platform. The first start makes them in the data folder. */
export async function loadKeys(
  folder: string,
  platformName: string,
  clock: Clock,
  random: Random,
): Promise<PlatformKeys> {
  const token = await readOrMake(
    join(folder, "operator-token"),
    async () => `${Buffer.from(random.bytes(24)).toString("base64url")}\n`,
  );
  return {
    authorities: await Authorities.open(folder, { platformName, clock, random }),
    replyKeys: await ReplyKeys.open(folder, clock.nowMs()),
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
  const kept = validators.KeyPair(parseJson(there?.toString("utf8") ?? ""));
  if (kept.valid && serves(new X509Certificate(kept.value.certificate), names, authority, clock))
    return kept.value;
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

async function readOrMake(path: string, make: () => Promise<string>): Promise<string> {
  const there = await readIfThere(path);
  if (there !== null) return there.toString("utf8");
  const made = await make();
  await writeDurably(path, made);
  return made;
}
