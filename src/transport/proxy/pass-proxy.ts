import type { Socket } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { ifUnanswered } from "../stages/hello-unanswered.ts";
import type { RunStage } from "../stages/stages.ts";
import { secure } from "../stages/tls.ts";
import type { HttpProxyOptions, ProxyOptions } from "./options.ts";
import { openSocks5 } from "./socks5.ts";
import { openTunnel } from "./tunnel.ts";

export interface ProxyPassage {
  proxy: ProxyOptions;
  /** The proxy's own authority, to be shown. */
  hop: string;
  target: { host: string; port: number };
  authority: string;
  /** For the two stages of a proxy together. */
  limitMs: number;
  clock: Clock;
  run: RunStage;
  /** Another TCP connection to the proxy. */
  dial(signal: AbortSignal): Promise<Socket>;
}

/**
 * Turns a TCP connection to the proxy into one to the target. On failure no connection is left
 * open. Rejects with a proxy-* error.
 */
export async function passProxy(socket: Socket, passage: ProxyPassage): Promise<Socket> {
  const { proxy, hop, authority, limitMs, clock, run } = passage;
  const startedMs = clock.monotonicMs();
  const silent =
    (
      what: "proxy-no-answer-tls" | "proxy-no-answer-connect" | "proxy-no-answer-socks",
      withinMs: number,
    ) =>
    () =>
      new OutriderError("proxy-silent", {
        detail: fact(what, { proxy: hop, host: authority, seconds: (withinMs / 1000).toFixed(1) }),
      });
  let current = socket;
  try {
    if (proxy.kind === "socks5") {
      await run("proxy", limitMs, silent("proxy-no-answer-socks", limitMs), async (stop) => {
        const asked = { ...passage.target, authority };
        const login = await openSocks5(current, asked, proxy.credentials, stop);
        return {
          value: undefined,
          facts: fact(login === "none" ? "socks-open" : "socks-open-login", {
            proxy: hop,
            host: authority,
          }),
        };
      });
      return current;
    }
    if (proxy.tls) {
      const receivedBytes = socket.bytesRead;
      current = await run(
        "proxy-tls",
        limitMs / 2,
        silent("proxy-no-answer-tls", limitMs / 2),
        (stop) => secureProxy(socket, proxy, clock, stop),
      ).catch((error: unknown) => {
        throw ifUnanswered(error, socket, receivedBytes, "proxy");
      });
    }
    const leftMs = Math.max(1, limitMs - (clock.monotonicMs() - startedMs));
    const reopen = async (stop: AbortSignal) => {
      const again = await passage.dial(stop);
      return proxy.tls ? (await secureProxy(again, proxy, clock, stop)).value : again;
    };
    return await run("proxy", leftMs, silent("proxy-no-answer-connect", leftMs), async (stop) => {
      const tunnel = await openTunnel(
        {
          socket: current,
          reopen,
          authority,
          proxyHost: proxy.host,
          authentication: proxy.authentication,
        },
        stop,
      );
      const { socket: opened, login } = tunnel;
      const ends = { proxy: hop, host: authority };
      return {
        value: opened,
        facts:
          login === null
            ? fact("tunnel-open", ends)
            : fact("tunnel-open-login", { ...ends, login }),
      };
    });
  } catch (error) {
    current.destroy();
    socket.destroy();
    throw error;
  }
}

/**
 * A fault of the proxy's certificate has codes of its own, since its remedies differ. A wrong clock
 * is the same everywhere.
 */
const proxyCodes: Partial<Record<ErrorCode, ErrorCode>> = {
  "tls-untrusted": "proxy-tls-untrusted",
  "tls-name-mismatch": "proxy-tls-name-mismatch",
  "tls-expired": "proxy-tls-expired",
  "tls-authority-expired": "proxy-tls-expired",
  "tls-not-yet-valid": "proxy-tls-expired",
  "tls-weak": "proxy-tls-failed",
  "tls-not-tls": "proxy-tls-failed",
  "tls-failed": "proxy-tls-failed",
};

async function secureProxy(
  socket: Socket,
  { host, tls }: HttpProxyOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ value: Socket; facts: readonly Fact[] }> {
  const trust = tls ?? { certificateAuthorities: [], allowUnknownIssuer: false };
  try {
    const { socket: secured, facts } = await secure(socket, host, trust, clock.nowMs, signal);
    // No other listener exists between the stages, and an unhandled "error" event would end the
    // process.
    secured.on("error", () => undefined);
    return {
      value: secured,
      facts: [
        fact("tls-met-proxy", { protocol: facts.protocol, issuer: facts.issuer }),
        ...(facts.classicalOnly ? [fact("tls-classical-only")] : []),
      ],
    };
  } catch (error) {
    socket.destroy();
    const code = error instanceof OutriderError ? proxyCodes[error.code] : undefined;
    if (!(error instanceof OutriderError) || code === undefined) throw error;
    throw error.asFault(code);
  }
}
