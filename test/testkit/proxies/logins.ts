import { createHash, createHmac, randomBytes } from "node:crypto";
import { md4 } from "../../../src/transport/proxy/md4.ts";

/** One log-in scheme of a test proxy. */
export interface ProxyGate {
  /** Called for each connection. */
  begin(): ProxyGateKeeper;
}

export interface ProxyGateKeeper {
  /**
   * True to let in, else the values of Proxy-Authenticate. `authorization` is one character a byte.
   */
  check(authorization: string | null, authority: string): true | readonly string[];
}

export interface KnownUser {
  user: string;
  password: string;
}

const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");

export function basicGate({ user, password }: KnownUser): ProxyGate {
  const expected = `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
  return {
    begin: () => ({
      check: (authorization) => authorization === expected || ['Basic realm="test"'],
    }),
  };
}

export interface DigestGateOptions extends KnownUser {
  /** As it stands in the challenge, with -sess where wanted. */
  algorithm: string;
  utf8?: boolean;
  userhash?: boolean;
  /** How often a nonce is good; then it is stale. */
  usesPerNonce?: number;
  /** No qop, as before RFC 2617. */
  old?: boolean;
}

/** Checks Digest (RFC 7616) with a calculation of its own; reports the user names that it saw. */
export function digestGate(
  options: DigestGateOptions,
): ProxyGate & { users: string[]; counts: string[] } {
  const {
    user,
    password,
    algorithm,
    utf8 = false,
    userhash = false,
    usesPerNonce = Number.POSITIVE_INFINITY,
    old = false,
  } = options;
  const realm = 'the "test", proxy';
  const uses = new Map<string, number>();
  const users: string[] = [];
  const counts: string[] = [];
  const hashName = algorithm
    .toLowerCase()
    .replace("-sess", "")
    .replace("sha-512-256", "sha512-256")
    .replace("sha-256", "sha256");
  const hash = (bytes: string) => createHash(hashName).update(bytes, "latin1").digest("hex");
  const challenge = (stale: boolean) => {
    const nonce = randomBytes(12).toString("base64");
    uses.set(nonce, 0);
    const extras = `${old ? "" : ', qop="auth-int,auth"'}${utf8 ? ", charset=UTF-8" : ""}${userhash ? ", userhash=true" : ""}${stale ? ", stale=TRUE" : ""}`;
    return [
      `Digest realm="${realm.replace(/"/g, '\\"')}", nonce="${nonce}", opaque="o\\\\p", algorithm=${algorithm}${extras}`,
    ];
  };
  const check = (authorization: string | null, authority: string): true | readonly string[] => {
    if (!authorization?.startsWith("Digest ")) return challenge(false);
    const values = new Map<string, string>();
    for (const [, name = "", quoted, plain] of authorization
      .slice(7)
      .matchAll(/([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))/g))
      values.set(name, quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
    const get = (name: string) => values.get(name) ?? "";
    const told = values.has("username*")
      ? latin1(decodeURIComponent(get("username*").replace(/^UTF-8''/, "")))
      : get("username");
    users.push(values.has("username*") ? `*${get("username*")}` : told);
    counts.push(get("nc"));
    const plain = `${latin1(user)}:${realm}`;
    const used = uses.get(get("nonce"));
    if (used === undefined || used >= usesPerNonce) return challenge(used !== undefined);
    uses.set(get("nonce"), used + 1);
    const secret = hash(`${plain}:${latin1(password)}`);
    const first = algorithm.endsWith("-sess")
      ? hash(`${secret}:${get("nonce")}:${get("cnonce")}`)
      : secret;
    const second = hash(`CONNECT:${authority}`);
    const response = old
      ? hash(`${first}:${get("nonce")}:${second}`)
      : hash(`${first}:${get("nonce")}:${get("nc")}:${get("cnonce")}:auth:${second}`);
    const rightCount = old || get("nc") === (used + 1).toString(16).padStart(8, "0");
    const right =
      rightCount &&
      get("response") === response &&
      told === (userhash ? hash(plain) : latin1(user)) &&
      get("uri") === authority &&
      get("realm") === realm &&
      get("opaque") === "o\\p" &&
      get("algorithm") === algorithm;
    return right || challenge(false);
  };
  return { begin: () => ({ check }), users, counts };
}

export interface NtlmGateOptions extends KnownUser {
  domain: string;
  /** Refuses answers without a right MIC. */
  requireMic?: boolean;
  /** Whether the challenge has the server's time, as since Windows Vista. */
  tellsTime?: boolean;
}

/**
 * Checks NTLMv2 (MS-NLMP section 3.3.2) as a domain member does: response, account, target and MIC.
 */
export function ntlmGate({
  user,
  password,
  domain,
  requireMic = false,
  tellsTime = true,
}: NtlmGateOptions): ProxyGate & { faults: string[] } {
  const faults: string[] = [];
  const utf16 = (text: string) => Buffer.from(text, "utf16le");
  const hmac = (key: Uint8Array, ...parts: Buffer[]) =>
    createHmac("md5", key).update(Buffer.concat(parts)).digest();
  const begin = () => {
    let negotiate: Buffer | null = null;
    let challenge: Buffer | null = null;
    const check = (authorization: string | null): true | readonly string[] => {
      const message = Buffer.from(/^NTLM (\S+)$/.exec(authorization ?? "")?.[1] ?? "", "base64");
      if (message.length < 32 || message.toString("latin1", 0, 8) !== "NTLMSSP\0") return ["NTLM"];
      if (message.readUInt32LE(8) === 1) {
        negotiate = message;
        challenge = challengeOf(domain, tellsTime);
        return [`NTLM ${challenge.toString("base64")}`];
      }
      const fault =
        negotiate && challenge
          ? answerFault(negotiate, challenge, message)
          : "no challenge on this connection";
      if (fault === null) return true;
      faults.push(fault);
      return ["NTLM"];
    };
    return { check };
  };
  const answerFault = (negotiate: Buffer, challenge: Buffer, message: Buffer): string | null => {
    const part = (index: number) => {
      const at = 12 + index * 8;
      return message.subarray(
        message.readUInt32LE(at + 4),
        message.readUInt32LE(at + 4) + message.readUInt16LE(at),
      );
    };
    const [response, saidDomain, saidUser] = [
      part(1),
      part(2).toString("utf16le"),
      part(3).toString("utf16le"),
    ];
    const principal =
      saidUser.includes("@") && saidDomain === "" ? saidUser.split("@")[0] : saidUser;
    if (principal?.toLowerCase() !== user.toLowerCase()) return `unknown user ${saidUser}`;
    if (saidDomain !== "" && saidDomain.toLowerCase() !== domain.toLowerCase())
      return `unknown domain ${saidDomain}`;
    const key = hmac(md4(utf16(password)), utf16(saidUser.toUpperCase() + saidDomain));
    const [proof, blob] = [response.subarray(0, 16), response.subarray(16)];
    if (!hmac(key, challenge.subarray(24, 32), blob).equals(proof)) return "wrong proof";
    // A domain controller accepts clocks half an hour apart; an answer to a challenge with the
    // server's time repeats that time.
    if (
      Math.abs(Number(blob.readBigUInt64LE(8) / 10_000n) - 11_644_473_600_000 - Date.now()) >
      30 * 60_000
    )
      return "the time is too far off";
    const attributes = new Map<number, Buffer>();
    for (
      let at = 28;
      at + 4 <= blob.length && blob.readUInt16LE(at) !== 0;
      at += 4 + blob.readUInt16LE(at + 2)
    )
      attributes.set(
        blob.readUInt16LE(at),
        blob.subarray(at + 4, at + 4 + blob.readUInt16LE(at + 2)),
      );
    if (attributes.get(2)?.toString("utf16le") !== domain)
      return "not the target information that was sent";
    const hasMic = ((attributes.get(6)?.readUInt32LE(0) ?? 0) & 2) !== 0;
    if (!hasMic) return requireMic ? "no MIC" : null;
    const mic = Buffer.from(message.subarray(72, 88));
    const zeroed = Buffer.from(message);
    zeroed.fill(0, 72, 88);
    return hmac(hmac(key, proof), negotiate, challenge, zeroed).equals(mic) ? null : "wrong MIC";
  };
  return { begin, faults };
}

function challengeOf(domain: string, tellsTime: boolean): Buffer {
  const attribute = (id: number, value: Buffer) => {
    const header = Buffer.alloc(4);
    header.writeUInt16LE(id, 0);
    header.writeUInt16LE(value.length, 2);
    return Buffer.concat([header, value]);
  };
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE((BigInt(Date.now()) + 11_644_473_600_000n) * 10_000n);
  const text = (value: string) => Buffer.from(value, "utf16le");
  const information = Buffer.concat([
    attribute(2, text(domain)),
    attribute(1, text("PROXY")),
    attribute(4, text("example.org")),
    ...(tellsTime ? [attribute(7, time)] : []),
    attribute(0, Buffer.alloc(0)),
  ]);
  const name = text(domain);
  const message = Buffer.alloc(56);
  message.write("NTLMSSP\0", "latin1");
  message.writeUInt32LE(2, 8);
  message.writeUInt16LE(name.length, 12);
  message.writeUInt16LE(name.length, 14);
  message.writeUInt32LE(56, 16);
  // Unicode, request target, NTLM, always sign, the target is a domain, extended session security,
  // target information.
  message.writeUInt32LE(0x00898205, 20);
  randomBytes(8).copy(message, 24);
  message.writeUInt16LE(information.length, 40);
  message.writeUInt16LE(information.length, 42);
  message.writeUInt32LE(56 + name.length, 44);
  return Buffer.concat([message, name, information]);
}

/** Accepts these tokens; reports those that it was sent. */
export function negotiateGate(goodTokens: readonly string[]): ProxyGate & { tokens: string[] } {
  const tokens: string[] = [];
  const check = (authorization: string | null): true | readonly string[] => {
    const token = /^Negotiate (\S+)$/.exec(authorization ?? "")?.[1];
    if (token !== undefined) tokens.push(token);
    return (token !== undefined && goodTokens.includes(token)) || ["Negotiate"];
  };
  return { begin: () => ({ check }), tokens };
}
