import { asOutriderError, type OutriderError } from "../base/messages/error.ts";
import { type OpenPath, openOnce, type PathOptions, type Target } from "./open-once.ts";
import { isBypassed } from "./proxy/bypass.ts";
import { directRoute, nameOf } from "./routes/routes.ts";
import type { TlsFacts } from "./stages/certificate.ts";
import { HelloUnanswered, type TlsPeer } from "./stages/hello-unanswered.ts";
import { defaultStageLimits } from "./stages/limits.ts";
import { pathStages, type StageResult } from "./stages/stages.ts";
import { classicalOf } from "./stages/trust.ts";

export type { OpenPath, PathOptions, Target } from "./open-once.ts";
export type { ProxyOptions } from "./proxy/options.ts";

/** Of the limit for TLS: a second try must not use up the time of the routes after this one. */
const secondTryShare = 0.7;

type WayOptions = Omit<PathOptions, "routes">;

/** A try that ended when nothing came back after the usual ClientHello. */
interface UnansweredTry {
  error: HelloUnanswered;
  stages: readonly StageResult[];
}

/**
 * Goes to `target` stage by stage and returns a socket that speaks TLS. `stages` collects the
 * result of each stage; when a stage throws, its result is the last one.
 *
 * Where a ClientHello, to the platform or to a proxy that speaks TLS, is swallowed or reset, all of
 * it is tried once more with one that fits into one packet. Whoever forces that by dropping packets
 * gains only that the keys are agreed on without post-quantum algorithms.
 */
export async function openPath(
  target: Target,
  options: WayOptions,
  stages: StageResult[],
  signal?: AbortSignal,
  /** On the monotonic clock: the moment by which all stages must have ended. */
  endMs?: number,
): Promise<OpenPath> {
  const { hellos } = options;
  const usual = usualPeers(target, options);
  const classical = new Set(
    [...usual].filter(([, key]) => hellos?.needsClassical(key)).map(([peer]) => peer),
  );
  let earlier: UnansweredTry | null = null;
  const learn = () => {
    for (const [peer, key] of usual)
      if (classical.has(peer) && !hellos?.needsClassical(key)) hellos?.remember(key);
  };
  for (;;) {
    const attempt: StageResult[] = [];
    try {
      const open = await openOnce(
        target,
        withClassical(options, classical),
        attempt,
        signal,
        endMs,
      );
      learn();
      stages.push(...attempt);
      return open;
    } catch (error) {
      const peer = error instanceof HelloUnanswered && !signal?.aborted ? error.peer : null;
      const key = peer === null ? undefined : usual.get(peer);
      if (error instanceof HelloUnanswered && peer !== null && key !== undefined) {
        if (!classical.has(peer)) {
          earlier = { error, stages: attempt };
          classical.add(peer);
          continue;
        }
        hellos?.forget(key);
      }
      // What the shorter ClientHello led to counts when it was answered.
      if (earlier !== null && !isAnswered(earlier, error, attempt)) {
        stages.push(...earlier.stages);
        throw earlier.error;
      }
      if (earlier !== null) learn();
      stages.push(...attempt);
      throw error;
    }
  }
}

/** Did the try after `earlier` get past the ClientHello that ended that one? */
function isAnswered(
  { error: { peer }, stages }: UnansweredTry,
  error: unknown,
  attempt: readonly StageResult[],
): boolean {
  if (error instanceof HelloUnanswered && error.peer === peer) return false;
  const reached = (tried: readonly StageResult[]) =>
    Math.max(-1, ...tried.map(({ stage }) => pathStages.indexOf(stage)));
  return reached(attempt) >= reached(stages);
}

/** The peers of TLS whose ClientHello may be shortened, and what the memory calls them. */
function usualPeers(target: Target, { trust, proxy }: WayOptions): Map<TlsPeer, string> {
  const isBypassing = proxy !== null && isBypassed(proxy.bypass ?? [], target);
  const passed = isBypassing ? null : proxy;
  const route = passed ? nameOf(passed) : directRoute.name;
  const peers = new Map<TlsPeer, string>();
  const isUsual = (hello = "usual") => hello === "usual";
  if (isUsual(trust.hello)) peers.set("platform", route);
  if (passed && passed.kind !== "socks5" && passed.tls && isUsual(passed.tls.hello))
    peers.set("proxy", `TLS with ${route}`);
  return peers;
}

function withClassical(options: WayOptions, peers: ReadonlySet<TlsPeer>): WayOptions {
  const { trust, proxy, limits } = options;
  const { tlsMs = defaultStageLimits.tlsMs } = limits ?? {};
  const isTls = proxy !== null && proxy.kind !== "socks5" && proxy.tls !== undefined;
  return {
    ...options,
    ...(peers.has("platform")
      ? { trust: classicalOf(trust), limits: { ...limits, tlsMs: tlsMs * secondTryShare } }
      : {}),
    ...(peers.has("proxy") && isTls && proxy.tls
      ? { proxy: { ...proxy, tls: classicalOf(proxy.tls) } }
      : {}),
  };
}

export interface PathProbe {
  stages: StageResult[];
  /** Null when every stage succeeded. */
  error: OutriderError | null;
  tls: TlsFacts | null;
}

/** Goes to the URL once and hangs up, for the doctor. */
export async function probePath(
  url: URL,
  options: PathOptions,
  signal?: AbortSignal,
): Promise<PathProbe> {
  const stages: StageResult[] = [];
  try {
    const { socket, tls } = await openPath(targetOf(url), options, stages, signal);
    socket.destroy();
    return { stages, error: null, tls };
  } catch (error) {
    return { stages, error: asOutriderError(error), tls: null };
  }
}

export function targetOf(url: URL): Target {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 443 : Number(url.port),
  };
}
