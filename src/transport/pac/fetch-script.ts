import { Agent, type buildConnector, request } from "undici";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, said } from "../../base/messages/facts.ts";
import { connectToAny } from "../stages/connect.ts";
import type { Resolve } from "../stages/resolve.ts";
import { secure } from "../stages/tls.ts";
import type { Trust } from "../stages/trust.ts";
import { errorText, systemErrorCode } from "../wire/time-limit.ts";
import { userAgent } from "../wire/user-agent.ts";
import { decodeContent, decodeText, longestScriptBytes } from "./script-text.ts";

export interface PacScript {
  text: string;
  /** This appliance's address on the way to the file's server. */
  ownAddress: string;
}

/** A server that was contacted for a PAC file. */
export interface PacContact {
  host: string;
  port: number;
  /** The address that answered; all addresses that were tried when none did. */
  addresses: readonly string[];
  /** Not the configured server: that one redirected here. */
  redirected: boolean;
}

export interface FetchScriptParts {
  resolve: Resolve;
  contacted?: ((contact: PacContact) => void) | undefined;
  /** Used when the file is fetched over TLS. */
  trust: Trust;
  nowMs: () => number;
  /** For all of it, redirects included. */
  limitMs: number;
}

const mostRedirects = 3;

/**
 * Fetches a PAC file, always directly: the file is what names the proxies. Rejects with
 * OutriderError "proxy-pac-unreachable", or with the signal's reason.
 */
export async function fetchPacScript(
  url: string,
  parts: FetchScriptParts,
  signal: AbortSignal,
): Promise<PacScript> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(parts.limitMs)]);
  const shownUrl = url.slice(0, 200);
  let ownAddress = "127.0.0.1";
  const connect: buildConnector.connector = ({ hostname, port, protocol }, callback) => {
    const [set, next] = [hostAndPortOf(new URL(url)), hostAndPortOf({ hostname, port, protocol })];
    const redirected = next.host !== set.host || next.port !== set.port;
    const contacted = (addresses: readonly string[]) =>
      parts.contacted?.({ ...next, addresses, redirected });
    open(next, protocol === "https:", parts, contacted, stop).then(
      (socket) => {
        ownAddress = socket.localAddress ?? ownAddress;
        callback(null, socket);
      },
      (error: unknown) => callback(asOutriderError(error), null),
    );
  };
  const agent = new Agent({
    connect,
    allowH2: false,
    maxHeaderSize: 32 * 1024,
    maxResponseSize: longestScriptBytes,
    headersTimeout: parts.limitMs,
  });
  try {
    let at = new URL(url);
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const reply = await request(at, {
        method: "GET",
        headers: {
          accept: "application/x-ns-proxy-autoconfig, */*",
          "accept-encoding": "identity",
          "user-agent": userAgent,
        },
        signal: stop,
        dispatcher: agent,
      });
      const { location } = reply.headers;
      if (reply.statusCode >= 301 && reply.statusCode <= 308 && typeof location === "string") {
        await reply.body.dump();
        at = new URL(location, at);
        if (at.protocol !== "http:" && at.protocol !== "https:")
          throw unreachable(fact("pac-elsewhere", { url: shownUrl }));
        continue;
      }
      if (reply.statusCode !== 200)
        throw unreachable(
          fact("pac-answered", { url: shownUrl, host: at.host, status: reply.statusCode }),
        );
      const encoding = joined(reply.headers["content-encoding"]);
      const content = decodeContent(Buffer.from(await reply.body.arrayBuffer()), encoding);
      if (content === null)
        throw unreachable(fact("pac-coding", { url: shownUrl, coding: encoding.slice(0, 100) }));
      const text = decodeText(content, joined(reply.headers["content-type"]));
      if (/^\s*</.test(text)) throw unreachable(fact("pac-page", { url: shownUrl, host: at.host }));
      return { text, ownAddress };
    }
    throw unreachable(fact("pac-endless", { url: shownUrl }));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (stop.aborted)
      throw unreachable(fact("pac-slow", { url: shownUrl, seconds: parts.limitMs / 1000 }));
    if (error instanceof OutriderError && error.code === "proxy-pac-unreachable") throw error;
    if (!(error instanceof OutriderError))
      throw unreachable(
        fact("pac-said", { url: shownUrl, said: systemErrorCode(error) || errorText(error) }),
        error,
      );
    throw unreachable(
      [
        fact("pac-said", { url: shownUrl, said: error.code }),
        ...(error.facts ?? [said(error.detail ?? error.message)]),
      ],
      error,
    );
  } finally {
    await agent.destroy();
  }
}

function joined(field: string | string[] | undefined): string {
  return Array.isArray(field) ? field.join(", ") : (field ?? "");
}

function hostAndPortOf({ hostname, port, protocol }: Pick<URL, "hostname" | "port" | "protocol">): {
  host: string;
  port: number;
} {
  const defaultPort = protocol === "https:" ? 443 : 80;
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? defaultPort : Number(port),
  };
}

async function open(
  { host, port }: { host: string; port: number },
  tls: boolean,
  { resolve, trust, nowMs }: FetchScriptParts,
  contacted: (addresses: readonly string[]) => void,
  signal: AbortSignal,
) {
  const addresses = await resolve(host, signal);
  const { socket, address } = await connectToAny(addresses, port, signal).catch(
    (error: unknown) => {
      contacted(addresses);
      throw error;
    },
  );
  contacted([address]);
  socket.on("error", () => undefined);
  if (!tls) return socket;
  try {
    return (await secure(socket, host, trust, nowMs, signal)).socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function unreachable(detail: Fact | readonly Fact[], cause?: unknown): OutriderError {
  return new OutriderError("proxy-pac-unreachable", {
    detail,
    ...(cause === undefined ? {} : { cause }),
  });
}
