import { Agent, type buildConnector, request } from "undici";
import { asOutriderError, OutriderError } from "../../protocol/error.ts";
import { connectToAny } from "../connect.ts";
import type { Resolve } from "../resolve.ts";
import { errorText, systemErrorCode } from "../time-limit.ts";
import { secure, type Trust } from "../tls.ts";

export interface PacScript {
  text: string;
  /** This appliance's address on the way to the file's server. */
  ownAddress: string;
}

export interface FetchScriptParts {
  resolve: Resolve;
  /** For a file that is fetched over TLS. */
  trust: Trust;
  nowMs: () => number;
}

const longestScriptBytes = 2 ** 20;
const wholeLimitMs = 3000;
const mostRedirects = 3;

/** Fetches a PAC file directly, whatever proxies there are: it is what says which. Rejects with proxy-pac-unreachable. */
export async function fetchPacScript(url: string, parts: FetchScriptParts, signal: AbortSignal): Promise<PacScript> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(wholeLimitMs)]);
  let ownAddress = "127.0.0.1";
  const connect: buildConnector.connector = ({ hostname, port, protocol }, callback) => {
    const host = hostname.replace(/^\[|\]$/g, "");
    open(host, port === "" ? (protocol === "https:" ? 443 : 80) : Number(port), protocol === "https:", parts, stop).then(
      (socket) => {
        ownAddress = socket.localAddress ?? ownAddress;
        callback(null, socket);
      },
      (error: unknown) => callback(asOutriderError(error), null),
    );
  };
  const agent = new Agent({ connect, allowH2: false, maxHeaderSize: 32 * 1024, maxResponseSize: longestScriptBytes, headersTimeout: wholeLimitMs });
  try {
    let at = new URL(url);
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const reply = await request(at, { method: "GET", headers: { accept: "application/x-ns-proxy-autoconfig, */*" }, signal: stop, dispatcher: agent });
      const { location } = reply.headers;
      if (reply.statusCode >= 301 && reply.statusCode <= 308 && typeof location === "string") {
        await reply.body.dump();
        at = new URL(location, at);
        if (at.protocol !== "http:" && at.protocol !== "https:") throw unreachable(url, "it leads to somewhere that is no web server");
        continue;
      }
      if (reply.statusCode !== 200) throw unreachable(url, `${at.host} answered ${reply.statusCode}`);
      const text = await reply.body.text();
      if (/^\s*</.test(text)) throw unreachable(url, `${at.host} answered with a web page`);
      return { text, ownAddress };
    }
    throw unreachable(url, "it leads from one address to the next without end");
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (stop.aborted) throw unreachable(url, `not within ${wholeLimitMs / 1000} s`);
    if (error instanceof OutriderError && error.code === "proxy-pac-unreachable") throw error;
    throw unreachable(url, error instanceof OutriderError ? `${error.code}, ${error.detail ?? ""}` : systemErrorCode(error) || errorText(error), error);
  } finally {
    await agent.destroy();
  }
}

async function open(host: string, port: number, tls: boolean, { resolve, trust, nowMs }: FetchScriptParts, signal: AbortSignal) {
  const { socket } = await connectToAny(await resolve(host, signal), port, signal);
  socket.on("error", () => undefined);
  if (!tls) return socket;
  try {
    return (await secure(socket, host, trust, nowMs, signal)).socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function unreachable(url: string, what: string, cause?: unknown): OutriderError {
  return new OutriderError("proxy-pac-unreachable", { detail: `${url.slice(0, 200)}: ${what}`, ...(cause === undefined ? {} : { cause }) });
}
