import type { Socket } from "node:net";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { ProxyScheme } from "../../settings/model/proxy-schemes.ts";
import { longestHeadBytes, type ResponseHead } from "../wire/http-head.ts";
import {
  NoAnswer,
  type ReceivedContent,
  type ReceivedHead,
  readBytes,
  readChunks,
  readHead,
} from "../wire/read-head.ts";
import { userAgent } from "../wire/user-agent.ts";
import { accountFault } from "./account-fault.ts";
import type { LoginDemand, LoginStep, ProxyAuthentication } from "./authentication.ts";
import { type Challenge, parseChallenges } from "./challenges.ts";
import { answerOf, isPageTold, refusal } from "./refusal.ts";

/** Enough for no login, a refused Negotiate, NTLM's two messages and a stale nonce in between. */
const mostRounds = 6;
const mostInterimAnswers = 5;
const pageLimitMs = 1000;

export interface TunnelRequest {
  /** A connection to the proxy. */
  socket: Socket;
  /** Opens another connection when the proxy ended the first one after asking for a login. */
  reopen(signal: AbortSignal): Promise<Socket>;
  authority: string;
  proxyHost: string;
  authentication: ProxyAuthentication;
}

export interface Tunnel {
  socket: Socket;
  /** The scheme that was agreed on, as "digest MD5"; null when none was needed. */
  login: string | null;
}

/**
 * Asks a proxy for a tunnel to `authority` (RFC 9110 section 9.3.6: CONNECT). On failure every
 * connection that it was given or made is closed. Rejects with a proxy-* error.
 */
export async function openTunnel(
  { socket: first, reopen, authority, proxyHost, authentication }: TunnelRequest,
  signal: AbortSignal,
): Promise<Tunnel> {
  const login = authentication.begin({ authority, proxyHost });
  let socket = first;
  let demand: LoginDemand | null = null;
  /** What the proxy wrote for people beside its last question. */
  let words = "";
  try {
    for (let round = 0; round < mostRounds; round++) {
      const step = await login.next(demand, signal);
      if (step.kind === "give-up")
        throw loginFailure(authentication.scheme, demand?.challenges ?? [], step, words);
      if (demand && !demand.sameConnection) {
        socket.destroy();
        socket = await reopen(signal);
      }
      const lines = [
        `CONNECT ${authority} HTTP/1.1`,
        `Host: ${authority}`,
        `User-Agent: ${userAgent}`,
        "Proxy-Connection: keep-alive",
      ];
      if (step.authorization !== null) lines.push(`Proxy-Authorization: ${step.authorization}`);
      const ask = () => {
        socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
        return readFinalHead(socket, signal);
      };
      // RFC 9112 section 9.3.1: a kept connection may be gone by now, and CONNECT may be repeated
      // since it changes nothing.
      const kept = demand?.sameConnection === true && !belongsToConnection(demand);
      const { head, rest } = await ask().catch(async (error: unknown) => {
        if (!kept || !(error instanceof NoAnswer)) throw error;
        socket.destroy();
        socket = await reopen(signal);
        return ask();
      });
      if (head.status >= 200 && head.status < 300) {
        // RFC 9110 section 9.3.6: any 2xx opens the tunnel, and fields that describe content mean
        // nothing. Content itself does: a TLS server never speaks first.
        if (rest.length > 0)
          throw new OutriderError("proxy-protocol", {
            detail: fact("proxy-answered-content", { answer: answerOf(head) }),
          });
        return { socket, login: step.authorization === null ? null : login.accepted() };
      }
      if (head.status !== 407 && head.status !== 401) {
        const page = isPageTold(head) ? await readPage(socket, head, rest, signal) : "";
        throw refusal(head, page, authority);
      }
      // Some proxies ask as web servers do.
      const { fields } = head;
      const offers = fields.get("proxy-authenticate") ?? fields.get("www-authenticate") ?? [];
      const { content, sameConnection } = await readContent(socket, head, rest, signal);
      words = wordsOf(head, content);
      demand = { ...parseChallenges(offers), sameConnection };
    }
    const over = { kind: "give-up" } as const;
    throw loginFailure(authentication.scheme, demand?.challenges ?? [], over, words);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** NTLM and Negotiate bind a challenge to the connection that it came over. */
function belongsToConnection({ challenges }: LoginDemand): boolean {
  return challenges.some(({ token }) => token !== null);
}

/**
 * The content of an answer, and whether the connection can carry another CONNECT after it (RFC 9112
 * section 9.3: persistence; section 6.3: its length).
 */
async function readContent(
  socket: Socket,
  head: ResponseHead,
  rest: Buffer,
  signal: AbortSignal,
): Promise<{ content: Buffer; sameConnection: boolean }> {
  // Some proxies copy "Connection: close" from elsewhere and mean this hop by Proxy-Connection.
  const { fields } = head;
  const options = (fields.get("proxy-connection") ?? fields.get("connection") ?? []).join(",");
  const ends =
    /\bclose\b/i.test(options) || (head.minorVersion === 0 && !/\bkeep-alive\b/i.test(options));
  // Of an answer that ends the connection, what has come with its head is enough.
  if (ends) return { content: rest, sameConnection: false };
  const read = await contentOf(socket, head, rest, signal);
  return { content: read.bytes, sameConnection: read.whole };
}

async function contentOf(
  socket: Socket,
  { fields }: ResponseHead,
  rest: Buffer,
  signal: AbortSignal,
): Promise<ReceivedContent> {
  const coding = fields.get("transfer-encoding");
  if (coding)
    return coding.join(",").trim().toLowerCase() === "chunked"
      ? readChunks(socket, rest, signal)
      : { bytes: rest, whole: false };
  const length = Number(fields.get("content-length")?.[0] ?? "0");
  if (!(length <= longestHeadBytes)) return { bytes: rest, whole: false };
  return readBytes(socket, rest, length, signal);
}

/** What comes of an answer's page in a short while: it names the cause, and the end is near. */
async function readPage(
  socket: Socket,
  { fields }: ResponseHead,
  rest: Buffer,
  signal: AbortSignal,
): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(pageLimitMs)]);
  const length = Number(fields.get("content-length")?.[0] ?? longestHeadBytes);
  const { bytes } = fields.has("transfer-encoding")
    ? await readChunks(socket, rest, limit)
    : await readBytes(socket, rest, Math.min(length, longestHeadBytes), limit);
  return bytes.toString("latin1");
}

/** The reason phrase, squid's name of the error, and the page. */
function wordsOf({ reason, fields }: ResponseHead, content: Buffer): string {
  const named = fields.get("x-squid-error")?.[0] ?? "";
  return [reason, named, content.subarray(0, longestHeadBytes).toString("latin1")].join("\n");
}

async function readFinalHead(socket: Socket, signal: AbortSignal): Promise<ReceivedHead> {
  for (let count = 0; count < mostInterimAnswers; count++) {
    const received = await readHead(socket, signal);
    if (received.head.status >= 200) return received;
    if (received.rest.length > 0) socket.unshift(received.rest);
  }
  throw new OutriderError("proxy-protocol", { detail: fact("proxy-interim-only") });
}

/** The offered schemes tell the operator which one to choose. */
function loginFailure(
  scheme: ProxyScheme,
  offered: readonly Challenge[],
  { code, reason }: LoginStep & { kind: "give-up" },
  words: string,
): OutriderError {
  const schemes = [...new Set(offered.map((challenge) => challenge.scheme))];
  const offers =
    schemes.length === 0
      ? fact("proxy-offers-nothing")
      : fact("proxy-offers", { schemes: schemes.join(", ").slice(0, 200) });
  let detail: readonly Fact[] = [offers];
  if (reason !== undefined) detail = offered.length === 0 ? reason : [...reason, offers];
  const isRefused =
    code === "proxy-authentication-failed" ||
    (code === undefined && (scheme === "automatic" || schemes.includes(scheme)));
  const fault = isRefused && scheme !== "none" ? accountFault(words) : null;
  if (fault !== null) return new OutriderError(fault, { detail });
  if (code) return new OutriderError(code, { detail });
  if (scheme === "none") return new OutriderError("proxy-authentication-required", { detail });
  if (scheme === "automatic" || schemes.includes(scheme))
    return new OutriderError("proxy-authentication-failed", { detail });
  return new OutriderError("proxy-scheme-unsupported", {
    detail: [...detail, fact("scheme-set", { scheme })],
  });
}
