import { isIPv6, type Socket } from "node:net";
import { type Clock, systemClock } from "../base/clock.ts";
import { asOutriderError, OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import type { IdleConnections } from "./idle-connections.ts";
import { isBypassed } from "./proxy/bypass.ts";
import type { ProxyOptions } from "./proxy/options.ts";
import { passProxy } from "./proxy/pass-proxy.ts";
import type { Routes } from "./routes/routes.ts";
import type { TlsFacts } from "./stages/certificate.ts";
import { connectedFact, connectToAny } from "./stages/connect.ts";
import type { HelloMemory } from "./stages/hello-memory.ts";
import { ifUnanswered } from "./stages/hello-unanswered.ts";
import { defaultStageLimits, type StageLimits } from "./stages/limits.ts";
import { type Resolve, systemResolve } from "./stages/resolve.ts";
import { type StageResult, stageRunner } from "./stages/stages.ts";
import { secure } from "./stages/tls.ts";
import type { Trust } from "./stages/trust.ts";

/** Everything that decides how a host is reached. */
export interface PathOptions {
  proxy: ProxyOptions | null;
  /** Several routes to choose from, instead of `proxy`. */
  routes?: Routes;
  trust: Trust;
  /** Remembers on which routes the second try of `openPath` is needed. */
  hellos?: HelloMemory;
  limits?: Partial<StageLimits>;
  resolve?: Resolve;
  clock?: Clock;
  /** Learns from the connections that are kept. */
  idle?: IdleConnections;
}

export interface Target {
  host: string;
  port: number;
}

export interface OpenPath {
  socket: Socket;
  tls: TlsFacts;
}

/**
 * Goes to `target` stage by stage, once, and returns a socket that speaks TLS. `stages` collects the
 * result of each stage; when a stage throws, its result is the last one.
 */
export async function openOnce(
  target: Target,
  options: Omit<PathOptions, "routes">,
  stages: StageResult[],
  signal?: AbortSignal,
  endMs?: number,
): Promise<OpenPath> {
  const limits = { ...defaultStageLimits, ...options.limits };
  const clock = options.clock ?? systemClock;
  const resolve = options.resolve ?? systemResolve();
  const proxy =
    options.proxy && !isBypassed(options.proxy.bypass ?? [], target) ? options.proxy : null;
  const next = proxy ?? target;
  const hop = authority(next);
  const run = stageRunner(stages, clock, signal, endMs);

  const addresses = await run(
    "resolve",
    limits.resolveMs,
    () =>
      // Of the proxy's name too: that it does not exist is what only an answer can say.
      new OutriderError("dns-silent", { detail: fact("name-silent", { host: next.host }) }),
    async (stop) => {
      const found = await resolve(next.host, stop).catch((error: unknown) => {
        throw proxy ? asProxyError(asOutriderError(error)) : asOutriderError(error, "dns-silent");
      });
      return {
        value: found,
        facts: fact("name-found", { host: next.host, addresses: found.join(", ") }),
      };
    },
  );
  const socket = await run(
    "connect",
    limits.connectMs,
    () =>
      new OutriderError(proxy ? "proxy-unreachable" : "connect-silent", {
        detail: fact("connect-no-answer", { addresses: addresses.join(", "), port: next.port }),
      }),
    async (stop) => {
      const connected = await connectToAny(addresses, next.port, stop).catch((error: unknown) => {
        throw proxy ? asProxyError(asOutriderError(error)) : error;
      });
      return { value: connected.socket, facts: connectedFact(connected, next.port) };
    },
  );
  // From here on a failure must not leave the socket open, and an "error" event without a listener
  // would end the process.
  socket.on("error", ignoreError);
  let way = socket;
  try {
    if (proxy) {
      const dial = async (stop: AbortSignal) => {
        const again = await connectToAny(addresses, next.port, stop).catch((error: unknown) => {
          throw asProxyError(asOutriderError(error));
        });
        return again.socket.on("error", ignoreError);
      };
      way = await passProxy(socket, {
        proxy,
        hop,
        target,
        authority: authority(target),
        limitMs: limits.proxyMs,
        clock,
        run,
        dial,
      });
    }
    const receivedBytes = way.bytesRead;
    return await run(
      "tls",
      limits.tlsMs,
      () =>
        new OutriderError("tls-silent", {
          detail: fact("tls-no-answer", { host: authority(target), seconds: limits.tlsMs / 1000 }),
        }),
      async (stop) => {
        const { socket: secured, facts } = await secure(
          way,
          target.host,
          options.trust,
          clock.nowMs,
          stop,
        );
        return {
          value: { socket: secured, tls: facts },
          facts: [
            fact(tlsPhrase(facts), { protocol: facts.protocol, issuer: facts.issuer }),
            ...(facts.classicalOnly ? [fact("tls-classical-only")] : []),
          ],
        };
      },
    ).catch((error: unknown) => {
      throw ifUnanswered(error, way, receivedBytes, "platform");
    });
  } catch (error) {
    way.destroy();
    throw error;
  }
}

function tlsPhrase({ intercepted, issuerTrusted }: TlsFacts) {
  if (intercepted) return "tls-met-added";
  return issuerTrusted ? "tls-met" : "tls-met-untrusted";
}

const ignoreError = () => undefined;

function authority({ host, port }: Target): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The same fault has another code, and another remedy, when it happens before the proxy. */
function asProxyError(error: OutriderError): OutriderError {
  if (error.code === "dns-not-found") return error.asFault("proxy-unresolved");
  return error.stage === "firewall" && error.code !== "proxy-unreachable"
    ? error.asFault("proxy-unreachable")
    : error;
}
