import type { Socket } from "node:net";
import { Agent, type buildConnector, request } from "undici";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import { connectToAny } from "../stages/connect.ts";
import type { HelloMemory } from "../stages/hello-memory.ts";
import { isUnanswered } from "../stages/hello-unanswered.ts";
import type { Resolve } from "../stages/resolve.ts";
import { type SecuredSocket, secure } from "../stages/tls.ts";
import { classicalOf, type Trust } from "../stages/trust.ts";
import { errorText, systemErrorCode, withinLimit } from "../wire/time-limit.ts";
import { userAgent } from "../wire/user-agent.ts";
import { decodeContent, decodeText, longestScriptBytes } from "./script-text.ts";

export interface PacScript {
  text: string;
  /** This appliance's address on the way to the file's server. */
  ownAddress: string;
  /** A server on the way answered only a ClientHello of one packet. */
  classicalOnly?: boolean | undefined;
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
  /** Remembers which servers need the second try of `secureServer`. */
  hellos?: HelloMemory | undefined;
  nowMs: () => number;
  /** For all of it, redirects included. */
  limitMs: number;
}

const mostRedirects = 3;
/** Of the limit for all of it, where a shorter ClientHello may have to be tried after it. */
const firstTryShare = 0.5;

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
  let classicalOnly = false;
  const connect: buildConnector.connector = ({ hostname, port, protocol }, callback) => {
    const [set, next] = [hostAndPortOf(new URL(url)), hostAndPortOf({ hostname, port, protocol })];
    const redirected = next.host !== set.host || next.port !== set.port;
    const contacted = (addresses: readonly string[]) =>
      parts.contacted?.({ ...next, addresses, redirected });
    open(next, protocol === "https:", parts, contacted, stop).then(
      ({ socket, classical }) => {
        ownAddress = socket.localAddress ?? ownAddress;
        classicalOnly ||= classical;
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
      return { text, ownAddress, classicalOnly };
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
        ...(error.facts ?? [quoted(error.detail ?? error.message)]),
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
  server: { host: string; port: number },
  tls: boolean,
  parts: FetchScriptParts,
  contacted: (addresses: readonly string[]) => void,
  signal: AbortSignal,
): Promise<{ socket: Socket; classical: boolean }> {
  const addresses = await parts.resolve(server.host, signal);
  const dial = async () => {
    const { socket, address } = await connectToAny(addresses, server.port, signal).catch(
      (error: unknown) => {
        contacted(addresses);
        throw error;
      },
    );
    contacted([address]);
    return socket.on("error", () => undefined);
  };
  if (!tls) return { socket: await dial(), classical: false };
  const { socket, facts } = await secureServer(server, parts, dial, signal);
  return { socket, classical: facts.classicalOnly };
}

/** TLS with the file's server; a second time, with a shorter ClientHello, where it is not answered. */
async function secureServer(
  { host, port }: { host: string; port: number },
  { trust, hellos, nowMs, limitMs }: FetchScriptParts,
  dial: () => Promise<Socket>,
  signal: AbortSignal,
): Promise<SecuredSocket> {
  const key = `PAC file's server ${host}:${port}`;
  const mayShorten = (trust.hello ?? "usual") === "usual";
  const isKnown = mayShorten && hellos?.needsClassical(key) === true;
  const firstMs = mayShorten && !isKnown ? limitMs * firstTryShare : limitMs;
  const silent = () =>
    new OutriderError("tls-silent", {
      detail: fact("tls-no-answer", { host, seconds: firstMs / 1000 }),
    });
  const socket = await dial();
  try {
    return await withinLimit(firstMs, silent, signal, (stop) =>
      secure(socket, host, isKnown ? classicalOf(trust) : trust, nowMs, stop),
    );
  } catch (error) {
    socket.destroy();
    if (isKnown && socket.bytesRead === 0) hellos.forget(key);
    const mayRepeat = mayShorten && !isKnown && !signal.aborted;
    if (!mayRepeat || !isUnanswered(error, socket, 0)) throw error;
    const again = await dial();
    try {
      const secured = await secure(again, host, classicalOf(trust), nowMs, signal);
      hellos?.remember(key);
      return secured;
    } catch (second) {
      again.destroy();
      throw isUnanswered(second, again, 0) ? error : second;
    }
  }
}

function unreachable(detail: Fact | readonly Fact[], cause?: unknown): OutriderError {
  return new OutriderError("proxy-pac-unreachable", {
    detail,
    ...(cause === undefined ? {} : { cause }),
  });
}
