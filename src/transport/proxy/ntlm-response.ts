import { createHmac } from "node:crypto";
import { md4 } from "./md4.ts";

/**
 * The account that logs in. The domain is empty when the name contains it (user@domain) or the
 * server is to assume its own.
 */
export interface NtlmAccount {
  user: string;
  domain: string;
}

/**
 * `DOMAIN\user` is split here; `user@domain` is sent as the name, and a domain controller splits
 * it.
 */
export function ntlmAccount(user: string): NtlmAccount {
  const split = user.indexOf("\\");
  return split < 0
    ? { user, domain: "" }
    : { user: user.slice(split + 1), domain: user.slice(0, split) };
}

export const utf16 = (text: string) => Buffer.from(text, "utf16le");
const hmacMd5 = (key: Uint8Array, ...parts: readonly Uint8Array[]) =>
  createHmac("md5", key).update(Buffer.concat(parts)).digest();

/** NTOWFv2 (MS-NLMP section 3.3.2): the only form in which the password is used from here on. */
export function responseKey({ user, domain }: NtlmAccount, password: string): Buffer {
  return hmacMd5(md4(utf16(password)), utf16(upperCase(user) + domain));
}

/** Windows maps each UTF-16 unit by itself: ß stays ß, where JavaScript makes SS of it. */
function upperCase(text: string): string {
  return text.replace(/./gs, (character) =>
    character.toUpperCase().length === character.length ? character.toUpperCase() : character,
  );
}

export interface NtlmV2Input {
  key: Uint8Array;
  serverChallenge: Uint8Array;
  clientChallenge: Uint8Array;
  /** Windows' file time, 8 bytes. */
  time: Uint8Array;
  targetInformation: Uint8Array;
}

/** NTLMv2_RESPONSE and the session's base key (MS-NLMP section 3.3.2). */
export function ntlmV2Response({
  key,
  serverChallenge,
  clientChallenge,
  time,
  targetInformation,
}: NtlmV2Input): { response: Buffer; sessionKey: Buffer } {
  const blob = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    time,
    clientChallenge,
    Buffer.alloc(4),
    targetInformation,
    Buffer.alloc(4),
  ]);
  const proof = hmacMd5(key, serverChallenge, blob);
  return { response: Buffer.concat([proof, blob]), sessionKey: hmacMd5(key, proof) };
}

/**
 * MS-NLMP section 3.1.5.1.2: the MIC covers all three messages; in the last one its own place holds
 * zeros.
 */
export function messageIntegrityCode(
  sessionKey: Uint8Array,
  negotiate: Uint8Array,
  challenge: Uint8Array,
  authenticate: Uint8Array,
): Buffer {
  return hmacMd5(sessionKey, negotiate, challenge, authenticate);
}

/** 100 ns since 1601, little endian (MS-DTYP section 2.3.3). */
export function fileTime(unixMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(Math.max(0, Math.floor(unixMs))) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}
