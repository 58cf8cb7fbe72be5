import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { type BypassRule, isBypassed } from "../proxy/bypass.ts";
import type { ProxyOptions } from "../proxy/options.ts";
import {
  directRoute,
  nameOf,
  type Route,
  type RouteMemory,
  type Routes,
  type RouteTarget,
} from "../routes/routes.ts";
import type { Resolve } from "../stages/resolve.ts";
import type { RunStage } from "../stages/stages.ts";
import { type PacHop, readPacAnswer } from "./answer.ts";
import type { PacScript } from "./fetch-script.ts";
import type { EvaluatePac } from "./pac-process.ts";

export interface PacRoutesOptions {
  url: string;
  bypass: readonly BypassRule[];
  fallbackToDirect: boolean;
  fetch(url: string, signal: AbortSignal): Promise<PacScript>;
  evaluate: EvaluatePac;
  resolve: Resolve;
  /**
   * The proxy of one entry of the answer; the same object each time, since a login belongs to a
   * proxy and not to a connection.
   */
  proxyAt(hop: Exclude<PacHop, { kind: "direct" }>): ProxyOptions;
  memory: RouteMemory;
  clock: Clock;
  /** For fetching and evaluating together. */
  limitMs: number;
}

/** Changes of the file take effect within this, as in browsers. */
const scriptLifeMs = 30 * 60_000;
/** A script may decide by the time of day. */
const answerLifeMs = 5 * 60_000;
/**
 * The least time between two fetches, also when the file cannot be fetched or its proxies do not
 * work.
 */
const refetchMs = 60_000;

interface Dated<T> {
  value: T;
  atMs: number;
}

/**
 * The routes that a PAC file gives. The file is fetched again now and then and when its routes
 * fail, and evaluated once for each host.
 */
export class PacRoutes implements Routes {
  readonly #options: PacRoutesOptions;
  #script: Dated<PacScript> | null = null;
  #fetching: Promise<PacScript> | null = null;
  #triedMs = Number.NEGATIVE_INFINITY;
  #doubted = false;
  readonly #answers = new Map<string, Dated<readonly Route[]>>();

  constructor(options: PacRoutesOptions) {
    this.#options = options;
  }

  async to(target: RouteTarget, run: RunStage): Promise<readonly Route[]> {
    const { bypass, memory, url, limitMs } = this.#options;
    if (isBypassed(bypass, target)) return [directRoute];
    const known = this.#known(target);
    if (known && !this.#scriptIsDue()) return memory.inOrder(known);
    const over = () =>
      new OutriderError("proxy-pac-unreachable", {
        detail: fact("pac-slow", { url: url.slice(0, 200), seconds: limitMs / 1000 }),
      });
    const routes = await run("pac", limitMs, over, async (signal) => {
      const script = await this.#currentScript(signal);
      const value = this.#known(target) ?? (await this.#ask(script, target, signal));
      return {
        value,
        facts: [
          fact("pac-says", { ways: waysOf(value) }),
          ...(script.classicalOnly ? [fact("tls-classical-only")] : []),
        ],
      };
    });
    return memory.inOrder(routes);
  }

  failed(target: RouteTarget, route: Route, error: OutriderError): void {
    const { bypass, memory } = this.#options;
    // The file was not asked about a bypassed target.
    if (isBypassed(bypass, target)) return;
    memory.failed(route, error);
    this.#doubted = true;
  }

  worked(route: Route): void {
    this.#options.memory.worked(route);
  }

  worthTrying(target: RouteTarget, inUse: Route): Route | null {
    const known = this.#known(target);
    return known ? this.#options.memory.better(known, inUse) : null;
  }

  #known(target: RouteTarget): readonly Route[] | null {
    const kept = this.#answers.get(nameOf(target));
    return kept && this.#options.clock.monotonicMs() - kept.atMs < answerLifeMs ? kept.value : null;
  }

  #scriptIsDue(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#script && nowMs - this.#script.atMs < scriptLifeMs && !this.#doubted) return false;
    return nowMs - this.#triedMs >= refetchMs;
  }

  /** An old script is better than none: it stays in use while the file's server is away. */
  async #currentScript(signal: AbortSignal): Promise<PacScript> {
    const { url, clock } = this.#options;
    if (this.#script && !this.#scriptIsDue()) return this.#script.value;
    // One fetch for all who wait; one that gives up does not end it for the others.
    this.#fetching ??= this.#options.fetch(url, new AbortController().signal).finally(() => {
      this.#fetching = null;
      this.#triedMs = clock.monotonicMs();
    });
    try {
      const script = await abortable(this.#fetching, signal);
      if (script.text !== this.#script?.value.text) this.#answers.clear();
      this.#script = { value: script, atMs: clock.monotonicMs() };
      this.#doubted = false;
      return script;
    } catch (error) {
      if (!this.#script || signal.aborted) throw error;
      return this.#script.value;
    }
  }

  async #ask(
    { text, ownAddress }: PacScript,
    target: RouteTarget,
    signal: AbortSignal,
  ): Promise<readonly Route[]> {
    const { evaluate, resolve, clock } = this.#options;
    const origin = target.port === 443 ? nameOf(target).replace(/:443$/, "") : nameOf(target);
    const question = {
      script: text,
      url: `https://${origin}/`,
      host: target.host,
      nowMs: clock.nowMs(),
      ownAddress,
    };
    const answer = await evaluate(question, resolve, signal);
    const routes = this.#routesOf(readPacAnswer(answer));
    if (routes.length === 0)
      throw new OutriderError("proxy-pac-failed", {
        detail: fact("pac-unusable", {
          host: target.host,
          said: answer.replace(/[^\x20-\x7e]/g, "?").slice(0, 200),
        }),
      });
    this.#answers.set(nameOf(target), { value: routes, atMs: clock.monotonicMs() });
    return routes;
  }

  #routesOf(hops: readonly PacHop[]): Route[] {
    const { proxyAt, fallbackToDirect } = this.#options;
    const routes = new Map<string, Route>();
    for (const hop of hops) {
      const route =
        hop.kind === "direct"
          ? directRoute
          : { name: nameOf(hop), proxy: proxyAt(hop), fallback: false };
      if (!routes.has(route.name)) routes.set(route.name, route);
    }
    if (routes.size > 0 && fallbackToDirect && !routes.has(directRoute.name))
      routes.set(directRoute.name, { ...directRoute, fallback: true });
    return [...routes.values()];
  }
}

/** `DIRECT` is a PAC keyword and is not translated. */
function waysOf(routes: readonly Route[]): string {
  return routes
    .filter(({ fallback }) => !fallback)
    .map(({ name, proxy }) => (proxy === null ? "DIRECT" : name))
    .join(", ");
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
