import { isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { readHead } from "../wire/read-head.ts";
import { userAgent } from "../wire/user-agent.ts";
import type { TlsFacts } from "./certificate.ts";

/**
 * Beyond this difference a wrong clock explains a certificate's dates better than the certificate
 * does.
 */
const clockToleranceMs = 60 * 60_000;

/**
 * The error for a certificate outside its dates: is the certificate at fault, or this clock? A web
 * server sends its own time in the Date field of any answer. That time is unproven, but it only
 * chooses between two errors: the connection is given up in either case.
 */
export async function validityFailure(
  socket: TLSSocket,
  host: string,
  facts: TlsFacts,
  nowMs: number,
  signal: AbortSignal,
): Promise<OutriderError> {
  const dates = fact("tls-dates", {
    first: day(facts.validFromMs),
    last: day(facts.validToMs),
    own: instant(nowMs),
  });
  const serverMs = await serverDate(socket, host, signal);
  const validThere =
    serverMs !== null && facts.validFromMs <= serverMs && serverMs <= facts.validToMs;
  if (validThere && Math.abs(serverMs - nowMs) > clockToleranceMs)
    return new OutriderError("tls-clock", {
      detail: fact("tls-clocks", { theirs: instant(serverMs), own: instant(nowMs) }),
    });
  // No server uses a certificate before its time. Without another clock to ask, this one is the
  // likelier culprit.
  if (facts.validFromMs > nowMs) return new OutriderError("tls-clock", { detail: dates });
  return new OutriderError("tls-expired", { detail: dates });
}

async function serverDate(
  socket: TLSSocket,
  host: string,
  signal: AbortSignal,
): Promise<number | null> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(1500)]);
  socket.on("error", () => undefined);
  try {
    const lines = [
      "HEAD / HTTP/1.1",
      `Host: ${isIPv6(host) ? `[${host}]` : host}`,
      `User-Agent: ${userAgent}`,
      "Connection: close",
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    const { head } = await readHead(socket, stop);
    const date = Date.parse(head.fields.get("date")?.[0] ?? "");
    return Number.isNaN(date) ? null : date;
  } catch {
    return null;
  }
}

const instant = (ms: number) =>
  Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 16).replace("T", " ") : "?";
const day = (ms: number) => instant(ms).slice(0, 10);
