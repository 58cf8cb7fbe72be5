import type { Socket } from "node:net";
import { OutriderError } from "../../protocol/error.ts";
import type { ProxyAuthentication } from "./authentication.ts";
import { type Challenge, parseChallenges } from "./challenges.ts";
import { longestHeadBytes, type ResponseHead } from "./http-head.ts";
import { type ReceivedHead, readBytes, readHead } from "./read-head.ts";

/** NTLM takes three CONNECTs on one connection; nothing takes more. */
const mostRounds = 4;
const mostInterimAnswers = 5;

/** Asks the proxy behind `socket` for a tunnel to `authority` (RFC 9110 section 9.3.6). Gives what was agreed, in words. */
export async function openTunnel(socket: Socket, authority: string, authentication: ProxyAuthentication, signal: AbortSignal): Promise<string> {
  const login = authentication.begin();
  let offered: readonly Challenge[] | null = null;
  for (let round = 0; round < mostRounds; round++) {
    const authorization = login.next(offered);
    if (authorization === "give-up") break;
    const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, "Proxy-Connection: keep-alive"];
    if (authorization !== null) lines.push(`Proxy-Authorization: ${authorization}`);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    const { head, rest } = await readFinalHead(socket, signal);
    if (head.status >= 200 && head.status < 300) {
      if (rest.length > 0 || /html/i.test(head.fields.get("content-type")?.[0] ?? ""))
        throw new OutriderError("proxy-protocol", { detail: `${said(head)}, but with content instead of a tunnel` });
      return authorization === null ? "no login" : authentication.scheme;
    }
    if (head.status !== 407) throw refusal(head, authority);
    offered = parseChallenges(head.fields.get("proxy-authenticate") ?? []);
    if (!(await skipContent(socket, head, rest, signal))) break;
  }
  throw loginFailure(authentication, offered ?? []);
}

/** Whether the connection can carry another CONNECT after this answer; its content is then read and dropped. */
async function skipContent(socket: Socket, head: ResponseHead, rest: Buffer, signal: AbortSignal): Promise<boolean> {
  const options = [...(head.fields.get("connection") ?? []), ...(head.fields.get("proxy-connection") ?? [])].join(",");
  const length = Number(head.fields.get("content-length")?.[0] ?? "0");
  if (/\bclose\b/i.test(options) || head.fields.has("transfer-encoding") || !(length <= longestHeadBytes)) return false;
  return rest.length >= length || (await readBytes(socket, length - rest.length, signal));
}

async function readFinalHead(socket: Socket, signal: AbortSignal): Promise<ReceivedHead> {
  for (let count = 0; count < mostInterimAnswers; count++) {
    const received = await readHead(socket, signal);
    if (received.head.status >= 200) return received;
    if (received.rest.length > 0) socket.unshift(received.rest);
  }
  throw new OutriderError("proxy-protocol", { detail: "only interim answers" });
}

function refusal(head: ResponseHead, authority: string): OutriderError {
  const detail = `${said(head)} for ${authority}`;
  if (head.status === 502 || head.status === 503 || head.status === 504) return new OutriderError("proxy-target-unreachable", { detail });
  if (head.status === 403 || head.status === 405 || head.status === 451) return new OutriderError("proxy-denied", { detail });
  return new OutriderError("proxy-protocol", { detail });
}

/** `offered` in words tells the operator what to choose. */
function loginFailure(authentication: ProxyAuthentication, offered: readonly Challenge[]): OutriderError {
  const schemes = [...new Set(offered.map(({ scheme }) => scheme))];
  const detail = schemes.length === 0 ? "it names no scheme" : `it offers ${schemes.join(", ")}`;
  if (authentication.scheme === "none") return new OutriderError("proxy-authentication-required", { detail });
  if (schemes.includes(authentication.scheme)) return new OutriderError("proxy-authentication-failed", { detail });
  return new OutriderError("proxy-scheme-unsupported", { detail: `${detail}; ${authentication.scheme} is set` });
}

function said(head: ResponseHead): string {
  // The reason phrase is the proxy's own text: only printable ASCII of it is shown.
  return `it answered ${head.status} ${head.reason.replace(/[^\x20-\x7e]/g, "?")}`.trim();
}
