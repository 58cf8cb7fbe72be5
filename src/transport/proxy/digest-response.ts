import { createHash } from "node:crypto";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { utf8Bytes } from "./authentication.ts";
import type { Challenge } from "./challenges.ts";

/**
 * Strongest first (RFC 7616 section 6.1: the registered algorithms). The `-sess` variants differ in
 * A1.
 */
const hashes = [
  { name: "SHA-512-256", hash: "sha512-256" },
  { name: "SHA-256", hash: "sha256" },
  { name: "MD5", hash: "md5" },
] as const;
export type DigestAlgorithm = (typeof hashes)[number]["name"];

/** A Digest challenge that can be answered. Texts hold one byte a character. */
export interface DigestChallenge {
  algorithm: DigestAlgorithm;
  session: boolean;
  /** The proxy's own spelling, to be repeated; null when it named none, which means MD5. */
  algorithmText: string | null;
  realm: string;
  nonce: string;
  opaque: string | null;
  /** False for proxies older than RFC 2617, which know no `qop`. */
  qop: boolean;
  utf8: boolean;
  userhash: boolean;
  stale: boolean;
}

export type DigestReading = { ok: true; challenge: DigestChallenge } | { ok: false; problem: Fact };

const longestValue = 8 * 1024;

/** RFC 7616 section 3.3: read the challenge's parameters. */
export function readDigestChallenge({ parameters }: Challenge): DigestReading {
  const algorithmText = parameters.get("algorithm") ?? null;
  const wanted = (algorithmText ?? "MD5").toLowerCase();
  const known = hashes.find(
    ({ name }) => wanted === name.toLowerCase() || wanted === `${name.toLowerCase()}-sess`,
  );
  if (!known)
    return {
      ok: false,
      problem: fact("digest-algorithm", {
        algorithm: wanted.slice(0, 30).replace(/[^\x21-\x7e]/g, "?"),
      }),
    };
  const qop = parameters
    .get("qop")
    ?.toLowerCase()
    .split(/[\s,]+/);
  // auth-int also hashes the content, and CONNECT has none. No proxy in the field asks for it.
  if (qop && !qop.includes("auth"))
    return {
      ok: false,
      problem: fact(qop.includes("auth-int") ? "digest-qop-integrity" : "digest-qop-unknown"),
    };
  const [realm, nonce] = [parameters.get("realm"), parameters.get("nonce")];
  if (realm === undefined || nonce === undefined)
    return {
      ok: false,
      problem: fact("digest-without", { name: realm === undefined ? "realm" : "nonce" }),
    };
  const opaque = parameters.get("opaque") ?? null;
  if (
    [realm, nonce, opaque ?? ""].some(
      (value) => value.length > longestValue || /[\u0000-\u001f\u007f]/.test(value),
    )
  )
    return { ok: false, problem: fact("digest-unrepeatable") };
  return {
    ok: true,
    challenge: {
      algorithm: known.name,
      session: wanted.endsWith("-sess"),
      algorithmText,
      realm,
      nonce,
      opaque,
      qop: qop !== undefined,
      utf8: parameters.get("charset")?.toLowerCase() === "utf-8",
      userhash: parameters.get("userhash")?.toLowerCase() === "true",
      stale: parameters.get("stale")?.toLowerCase() === "true",
    },
  };
}

/**
 * RFC 7616 section 3.7: choose the strongest of several Digest challenges. Null when none is
 * offered; otherwise, if none can be answered, why.
 */
export function chooseDigestChallenge(challenges: readonly Challenge[]): DigestReading | null {
  const readings = challenges.filter(({ scheme }) => scheme === "digest").map(readDigestChallenge);
  for (const { name } of hashes) {
    const found = readings.find((reading) => reading.ok && reading.challenge.algorithm === name);
    if (found) return found;
  }
  return readings[0] ?? null;
}

export interface DigestRequest {
  method: string;
  uri: string;
  user: string;
  password: string;
  nonceCount: number;
  clientNonce: string;
}

/** The value of Proxy-Authorization (RFC 7616 section 3.4), one byte a character. */
export function digestAuthorization(challenge: DigestChallenge, request: DigestRequest): string {
  const { realm, nonce, opaque, algorithmText } = challenge;
  const digest = digester(challenge.algorithm);
  const [user, password] = [request.user, request.password].map((text) =>
    utf8Bytes(challenge.utf8 ? text.normalize("NFC") : text),
  );
  const nonceCount = request.nonceCount.toString(16).padStart(8, "0");
  const parameters = [
    challenge.userhash
      ? `username="${digest(`${user}:${realm}`)}"`
      : userParameter(challenge, user ?? ""),
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(request.uri)}`,
    `response="${digestResponse(challenge, { ...request, user: user ?? "", password: password ?? "" }, nonceCount)}"`,
  ];
  if (algorithmText !== null) parameters.push(`algorithm=${algorithmText}`);
  if (challenge.qop) parameters.push("qop=auth", `nc=${nonceCount}`);
  if (challenge.qop || challenge.session) parameters.push(`cnonce=${quoted(request.clientNonce)}`);
  if (opaque !== null) parameters.push(`opaque=${quoted(opaque)}`);
  if (challenge.userhash) parameters.push("userhash=true");
  return `Digest ${parameters.join(", ")}`;
}

/** RFC 7616 section 3.4.1: the response value, of A1 (section 3.4.2) and A2 (section 3.4.3). */
function digestResponse(
  challenge: DigestChallenge,
  request: DigestRequest,
  nonceCount: string,
): string {
  const digest = digester(challenge.algorithm);
  const { nonce } = challenge;
  const credentialsHash = digest(`${request.user}:${challenge.realm}:${request.password}`);
  const a1 = challenge.session
    ? digest(`${credentialsHash}:${nonce}:${request.clientNonce}`)
    : credentialsHash;
  const a2 = digest(`${request.method}:${request.uri}`);
  return digest(
    challenge.qop
      ? `${a1}:${nonce}:${nonceCount}:${request.clientNonce}:auth:${a2}`
      : `${a1}:${nonce}:${a2}`,
  );
}

/**
 * RFC 7616 section 3.4: where the proxy announced UTF-8, a name that is not ASCII is sent as
 * username* in the form of RFC 5987.
 */
function userParameter(challenge: DigestChallenge, user: string): string {
  if (!challenge.utf8 || !/[^\x20-\x7e]/.test(user)) return `username=${quoted(user)}`;
  const encoded = user.replace(
    /[^A-Za-z0-9!#$&+.^_`|~-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `username*=UTF-8''${encoded}`;
}

function digester(algorithm: DigestAlgorithm): (bytes: string) => string {
  const hash = hashes.find(({ name }) => name === algorithm)?.hash ?? "md5";
  return (bytes) => createHash(hash).update(bytes, "latin1").digest("hex");
}

const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
