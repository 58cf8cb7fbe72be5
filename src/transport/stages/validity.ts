import { isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { readHead } from "../wire/read-head.ts";
import { userAgent } from "../wire/user-agent.ts";
import { chainOf, nameOf, type TlsFacts } from "./certificate.ts";

/**
 * Beyond this difference a wrong clock explains a certificate's dates better than the certificate
 * does.
 */
const clockToleranceMs = 60 * 60_000;

/**
 * The certificate of the chain that is outside its dates: the server's own, or else the first of its
 * issuers'; the server's own where none is by this clock.
 */
function outside(socket: TLSSocket, facts: TlsFacts, nowMs: number): Dated {
  const chain = chainOf(socket).map((certificate) => ({
    name: nameOf(certificate.subject),
    fromMs: Date.parse(certificate.valid_from),
    toMs: Date.parse(certificate.valid_to),
  }));
  const index = chain.findIndex(({ fromMs, toMs }) => fromMs > nowMs || toMs < nowMs);
  const found = index > 0 ? chain[index] : undefined;
  if (found) return { ...found, isIssuer: true };
  const { subject, validFromMs, validToMs } = facts;
  return { name: subject, fromMs: validFromMs, toMs: validToMs, isIssuer: false };
}

interface Dated {
  name: string;
  fromMs: number;
  toMs: number;
  isIssuer: boolean;
}

/**
 * The error for a certificate outside its dates: is the certificate at fault, or this clock? A web
 * server sends its own time in the Date field of any answer. That time is unproven, but it only
 * chooses between two errors: the connection is given up in either case.
 *
 * @param signal ends the wait for that answer
 */
export async function validityFailure(
  socket: TLSSocket,
  host: string,
  facts: TlsFacts,
  nowMs: number,
  signal: AbortSignal,
): Promise<OutriderError> {
  const { name, fromMs, toMs, isIssuer } = outside(socket, facts, nowMs);
  const range = { first: day(fromMs), last: day(toMs), own: instant(nowMs) };
  const dates = isIssuer ? fact("tls-dates-of", { name, ...range }) : fact("tls-dates", range);
  const serverMs = await serverDate(socket, host, signal);
  const validThere = serverMs !== null && fromMs <= serverMs && serverMs <= toMs;
  if (validThere && Math.abs(serverMs - nowMs) > clockToleranceMs)
    return new OutriderError("tls-clock", {
      detail: fact("tls-clocks", { theirs: instant(serverMs), own: instant(nowMs) }),
    });
  // Hardly a server uses a certificate before its time: without another clock to ask, this one is
  // the likelier culprit. One that says the same time clears it.
  const isClockRight = serverMs !== null && Math.abs(serverMs - nowMs) <= clockToleranceMs;
  if (fromMs > nowMs)
    return new OutriderError(isClockRight ? "tls-not-yet-valid" : "tls-clock", { detail: dates });
  return new OutriderError(isIssuer ? "tls-authority-expired" : "tls-expired", { detail: dates });
}

async function serverDate(
  socket: TLSSocket,
  host: string,
  signal: AbortSignal,
): Promise<number | null> {
  socket.on("error", () => undefined);
  try {
    const lines = [
      "HEAD / HTTP/1.1",
      `Host: ${isIPv6(host) ? `[${host}]` : host}`,
      `User-Agent: ${userAgent}`,
      "Connection: close",
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    const { head } = await readHead(socket, signal);
    const date = Date.parse(head.fields.get("date")?.[0] ?? "");
    return Number.isNaN(date) ? null : date;
  } catch {
    return null;
  }
}

const instant = (ms: number) =>
  Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 16).replace("T", " ") : "?";
const day = (ms: number) => instant(ms).slice(0, 10);
