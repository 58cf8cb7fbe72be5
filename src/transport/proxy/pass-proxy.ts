import type { Socket } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../protocol/error.ts";
import type { ErrorCode } from "../../protocol/error-codes.ts";
import type { RunStage } from "../stages.ts";
import { secure } from "../tls.ts";
import type { HttpProxyOptions, ProxyOptions } from "./options.ts";
import { openSocks5 } from "./socks5.ts";
import { openTunnel } from "./tunnel.ts";

export interface ProxyPassage {
  proxy: ProxyOptions;
  /** The proxy's own authority, for people. */
  hop: string;
  target: { host: string; port: number };
  authority: string;
  /** For both of the stages here. */
  limitMs: number;
  clock: Clock;
  run: RunStage;
  /** Another TCP connection to the proxy. */
  dial(signal: AbortSignal): Promise<Socket>;
}

/** From a TCP connection with the proxy to one with the target. Whatever fails, none is left behind. */
export async function passProxy(socket: Socket, passage: ProxyPassage): Promise<Socket> {
  const { proxy, hop, authority, limitMs, clock, run } = passage;
  const startedMs = clock.monotonicMs();
  const silent = (what: string, withinMs: number) => () =>
    new OutriderError("proxy-silent", { detail: `${hop} did not answer ${what} within ${(withinMs / 1000).toFixed(1)} s` });
  let current = socket;
  try {
    if (proxy.kind === "socks5") {
      await run("proxy", limitMs, silent(`SOCKS5 for ${authority}`, limitMs), async (stop) => {
        const login = await openSocks5(current, passage.target, proxy.credentials, stop);
        return { value: undefined, detail: `${hop} connected to ${authority} by SOCKS5, ${login}` };
      });
      return current;
    }
    if (proxy.tls) current = await run("proxy-tls", limitMs / 2, silent("the TLS handshake", limitMs / 2), (stop) => secureProxy(current, proxy, clock, stop));
    const leftMs = Math.max(1, limitMs - (clock.monotonicMs() - startedMs));
    const reopen = async (stop: AbortSignal) => {
      const again = await passage.dial(stop);
      return proxy.tls ? (await secureProxy(again, proxy, clock, stop)).value : again;
    };
    return await run("proxy", leftMs, silent(`CONNECT ${authority}`, leftMs), async (stop) => {
      const tunnel = await openTunnel({ socket: current, reopen, authority, proxyHost: proxy.host, authentication: proxy.authentication }, stop);
      return { value: tunnel.socket, detail: `${hop} opened a tunnel to ${authority}, ${tunnel.login}` };
    });
  } catch (error) {
    current.destroy();
    socket.destroy();
    throw error;
  }
}

/** What is said of certificates is said about the proxy here, and the remedies are others. A wrong clock is the same one everywhere. */
const proxyCodes: Partial<Record<ErrorCode, ErrorCode>> = {
  "tls-untrusted": "proxy-tls-untrusted",
  "tls-name-mismatch": "proxy-tls-name-mismatch",
  "tls-expired": "proxy-tls-expired",
  "tls-not-tls": "proxy-tls-failed",
  "tls-failed": "proxy-tls-failed",
};

async function secureProxy(socket: Socket, { host, tls }: HttpProxyOptions, clock: Clock, signal: AbortSignal): Promise<{ value: Socket; detail: string }> {
  const trust = tls ?? { certificateAuthorities: [], allowUnknownIssuer: false };
  try {
    const { socket: secured, facts } = await secure(socket, host, trust, clock.nowMs, signal);
    // Nobody else listens between the stages: an error there would end the process.
    secured.on("error", () => undefined);
    return { value: secured, detail: `${facts.protocol} with the proxy, issuer ${facts.issuer}` };
  } catch (error) {
    socket.destroy();
    const code = error instanceof OutriderError ? proxyCodes[error.code] : undefined;
    if (!(error instanceof OutriderError) || code === undefined) throw error;
    throw new OutriderError(code, { ...(error.detail === undefined ? {} : { detail: error.detail }), cause: error });
  }
}
