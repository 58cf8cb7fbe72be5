import { type Fact, fact } from "../../base/messages/facts.ts";
import { messageIntegrityCode, type NtlmAccount, utf16 } from "./ntlm-response.ts";
import { type AttributeValue, readAttributes } from "./ntlm-target-information.ts";

/**
 * The three messages of MS-NLMP section 2.2.1, in Unicode. Without signing or sealing: only the
 * identity matters here.
 */
const signature = Buffer.from("NTLMSSP\0", "latin1");

export const ntlmFlags = {
  unicode: 0x1,
  oem: 0x2,
  requestTarget: 0x4,
  ntlm: 0x200,
  alwaysSign: 0x8000,
  extendedSessionSecurity: 0x80000,
  targetInformation: 0x800000,
} as const;

const clientFlags =
  ntlmFlags.unicode |
  ntlmFlags.oem |
  ntlmFlags.requestTarget |
  ntlmFlags.ntlm |
  ntlmFlags.alwaysSign |
  ntlmFlags.extendedSessionSecurity;

const negotiateLength = 32;

/** NEGOTIATE_MESSAGE (MS-NLMP section 2.2.1.1). */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(negotiateLength);
  signature.copy(message);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(clientFlags, 12);
  // No domain and no workstation: two empty fields that point to the end.
  message.writeUInt32LE(negotiateLength, 20);
  message.writeUInt32LE(negotiateLength, 28);
  return message;
}

export interface NtlmChallenge {
  flags: number;
  serverChallenge: Buffer;
  attributes: AttributeValue[];
  /** The whole message, which the MIC covers. */
  message: Buffer;
}

export type NtlmReading = { ok: true; challenge: NtlmChallenge } | { ok: false; problem: Fact };

const longestMessage = 16 * 1024;

/** CHALLENGE_MESSAGE (MS-NLMP section 2.2.1.2). */
export function readChallengeMessage(message: Buffer): NtlmReading {
  if (
    message.length < 32 ||
    message.length > longestMessage ||
    !message.subarray(0, 8).equals(signature) ||
    message.readUInt32LE(8) !== 2
  )
    return { ok: false, problem: fact("ntlm-malformed") };
  const flags = message.readUInt32LE(20);
  if ((flags & ntlmFlags.unicode) === 0) return { ok: false, problem: fact("ntlm-not-unicode") };
  const information =
    message.length < 48 || (flags & ntlmFlags.targetInformation) === 0
      ? Buffer.alloc(0)
      : field(message, 40);
  // MS-NLMP section 2.2.1.2: the field may be empty, wherever it then points to.
  const attributes = information?.length === 0 ? [] : information && readAttributes(information);
  if (!attributes) return { ok: false, problem: fact("ntlm-target") };
  return {
    ok: true,
    challenge: { flags, serverChallenge: message.subarray(24, 32), attributes, message },
  };
}

function field(message: Buffer, at: number): Buffer | null {
  const length = message.readUInt16LE(at);
  if (length === 0) return Buffer.alloc(0);
  const offset = message.readUInt32LE(at + 4);
  return offset + length <= message.length ? message.subarray(offset, offset + length) : null;
}

const micOffset = 72;
/** Version (8 bytes, zero) and MIC (16 bytes) stand between the fields and their payloads. */
const authenticateHeaderLength = 88;

export interface NtlmAnswer {
  account: NtlmAccount;
  workstation: string;
  response: Buffer;
  sessionKey: Buffer;
}

/** AUTHENTICATE_MESSAGE (MS-NLMP section 2.2.1.3), with the MIC of section 3.1.5.1.2. */
export function authenticateMessage(
  challenge: NtlmChallenge,
  { account, workstation, response, sessionKey }: NtlmAnswer,
): Buffer {
  // MS-NLMP section 3.1.5.1.2: the LMv2 response is 24 zeros when the server sends its time. A
  // server that checks NTLMv2 does not read it, so it is zeros in every case.
  const payloads = [
    Buffer.alloc(24),
    response,
    utf16(account.domain),
    utf16(account.user),
    utf16(workstation),
  ];
  const message = Buffer.concat([Buffer.alloc(authenticateHeaderLength), ...payloads]);
  signature.copy(message);
  message.writeUInt32LE(3, 8);
  let offset = authenticateHeaderLength;
  for (const [index, payload] of payloads.entries()) {
    const at = 12 + index * 8;
    message.writeUInt16LE(payload.length, at);
    message.writeUInt16LE(payload.length, at + 2);
    message.writeUInt32LE(offset, at + 4);
    offset += payload.length;
  }
  // No session key is exchanged: an empty field.
  message.writeUInt32LE(authenticateHeaderLength, 56);
  message.writeUInt32LE((clientFlags & challenge.flags) >>> 0, 60);
  messageIntegrityCode(sessionKey, negotiateMessage(), challenge.message, message).copy(
    message,
    micOffset,
  );
  return message;
}
