import { isIPv6, type Socket } from "node:net";
import { type Clock, systemClock } from "../base/clock.ts";
import { asOutriderError, OutriderError } from "../protocol/error.ts";
import { connectToAny } from "./connect.ts";
import { isBypassed } from "./proxy/bypass.ts";
import type { ProxyOptions } from "./proxy/options.ts";
import { passProxy } from "./proxy/pass-proxy.ts";
import { type Resolve, systemResolve } from "./resolve.ts";
import type { Routes } from "./routes.ts";
import { defaultLimits, type StageLimits, type StageResult, stageRunner } from "./stages.ts";
import { secure, type TlsFacts, type Trust } from "./tls.ts";

export type { ProxyOptions } from "./proxy/options.ts";

/** All that decides how a host is reached. */
export interface PathOptions {
  proxy: ProxyOptions | null;
  /** Several ways to choose from, instead of `proxy`. */
  routes?: Routes;
  trust: Trust;
  limits?: Partial<StageLimits>;
  resolve?: Resolve;
  clock?: Clock;
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
 * Goes the way to `target` stage by stage and gives a socket that speaks TLS. `stages` collects what each stage did, also when
 * one of them throws: that one is the last in it.
 */
export async function openPath(
  target: Target,
  options: Omit<PathOptions, "routes">,
  stages: StageResult[],
  signal?: AbortSignal,
  /** By the monotonic clock: when all stages together have to have ended. */
  endMs?: number,
): Promise<OpenPath> {
  const limits = { ...defaultLimits, ...options.limits };
  const clock = options.clock ?? systemClock;
  const resolve = options.resolve ?? systemResolve();
  const proxy = options.proxy && !isBypassed(options.proxy.bypass ?? [], target) ? options.proxy : null;
  const next = proxy ?? target;
  const hop = authority(next);
  const run = stageRunner(stages, clock, signal, endMs);

  const addresses = await run(
    "resolve",
    limits.resolveMs,
    () => new OutriderError(proxy ? "proxy-unresolved" : "dns-silent", { detail: `${next.host}: no answer` }),
    async (stop) => {
      const found = await resolve(next.host, stop).catch((error: unknown) => {
        throw proxy ? asProxyError(asOutriderError(error)) : asOutriderError(error, "dns-silent");
      });
      return { value: found, detail: `${next.host} is ${found.join(", ")}` };
    },
  );
  const socket = await run(
    "connect",
    limits.connectMs,
    () => new OutriderError(proxy ? "proxy-unreachable" : "connect-silent", { detail: `${addresses.join(", ")} port ${next.port}: no answer` }),
    async (stop) => {
      const connected = await connectToAny(addresses, next.port, stop).catch((error: unknown) => {
        throw proxy ? asProxyError(asOutriderError(error)) : error;
      });
      return { value: connected.socket, detail: `connected to ${connected.address} port ${next.port}` };
    },
  );
  // From here on whatever goes wrong must not leave the socket behind; an unhandled "error" event would end the process.
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
      way = await passProxy(socket, { proxy, hop, target, authority: authority(target), limitMs: limits.proxyMs, clock, run, dial });
    }
    return await run(
      "tls",
      limits.tlsMs,
      () => new OutriderError("tls-silent", { detail: `${authority(target)} did not answer within ${limits.tlsMs / 1000} s` }),
      async (stop) => {
        const { socket: secured, facts } = await secure(way, target.host, options.trust, clock.nowMs, stop);
        const issuer = `issuer ${facts.issuer}${facts.intercepted ? ", which was added and is not the platform's" : facts.issuerTrusted ? "" : ", not trusted yet"}`;
        return { value: { socket: secured, tls: facts }, detail: `${facts.protocol}, ${issuer}` };
      },
    );
  } catch (error) {
    way.destroy();
    throw error;
  }
}

export interface PathProbe {
  stages: StageResult[];
  /** Null when every stage was gone through. */
  error: OutriderError | null;
  tls: TlsFacts | null;
}

/** Goes the way once and hangs up: what the doctor shows of it. */
export async function probePath(url: URL, options: PathOptions, signal?: AbortSignal): Promise<PathProbe> {
  const stages: StageResult[] = [];
  try {
    const { socket, tls } = await openPath(targetOf(url), options, stages, signal);
    socket.destroy();
    return { stages, error: null, tls };
  } catch (error) {
    return { stages, error: asOutriderError(error), tls: null };
  }
}

const ignoreError = () => undefined;

export function targetOf(url: URL): Target {
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port === "" ? 443 : Number(url.port) };
}

function authority({ host, port }: Target): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The same fault on the way to the proxy is another one for the operator. */
function asProxyError(error: OutriderError): OutriderError {
  const code = error.code === "dns-not-found" ? "proxy-unresolved" : error.stage === "firewall" ? "proxy-unreachable" : error.code;
  return code === error.code ? error : new OutriderError(code, { ...(error.detail === undefined ? {} : { detail: error.detail }), cause: error });
}
