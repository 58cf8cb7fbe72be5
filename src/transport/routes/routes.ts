import type { OutriderError } from "../../base/messages/error.ts";
import { type BypassRule, isBypassed } from "../proxy/bypass.ts";
import type { ProxyOptions } from "../proxy/options.ts";
import type { RunStage } from "../stages/stages.ts";

/** One way out: through a proxy, or directly. */
export interface Route {
  /** As people read it: `proxy.example.org:3128`, or `direct`. */
  name: string;
  proxy: ProxyOptions | null;
  /** Taken only because what is set does not work. */
  fallback: boolean;
}

export interface RouteTarget {
  host: string;
  port: number;
}

/** Which ways out there are. One object for all connections: it remembers which of them failed. */
export interface Routes {
  /**
   * The ways to a target in the order in which to try them, never none. `run` is for what has to be
   * fetched or reckoned first.
   */
  to(target: RouteTarget, run: RunStage): Promise<readonly Route[]>;
  failed(target: RouteTarget, route: Route, error: OutriderError): void;
  worked(route: Route): void;
  /**
   * A way that would be better than the one in use and may work again; null while there is none to
   * try.
   */
  worthTrying(target: RouteTarget, inUse: Route): Route | null;
}

export const directRoute: Route = { name: "direct", proxy: null, fallback: false };

export interface RouteMemoryTimes {
  /** How long a way that failed is tried last, and nobody looks whether it is back. */
  restMs: number;
  /** The same after a refused password: each try may bring an account nearer to being locked. */
  refusedMs: number;
}

export const defaultMemoryTimes: RouteMemoryTimes = { restMs: 30_000, refusedMs: 10 * 60_000 };
const refusals: readonly string[] = [
  "proxy-authentication-failed",
  "proxy-authentication-required",
];

/** Which ways failed lately. Names tell them apart. */
export class RouteMemory {
  readonly #restUntilMs = new Map<string, number>();
  readonly #times: RouteMemoryTimes;
  readonly #nowMs: () => number;

  /** @param nowMs monotonic */
  constructor(nowMs: () => number, times: RouteMemoryTimes = defaultMemoryTimes) {
    this.#nowMs = nowMs;
    this.#times = times;
  }

  failed(route: Route, error: OutriderError): void {
    this.#restUntilMs.set(
      route.name,
      this.#nowMs() + (refusals.includes(error.code) ? this.#times.refusedMs : this.#times.restMs),
    );
  }

  worked(route: Route): void {
    this.#restUntilMs.delete(route.name);
  }

  /** Failed and not yet seen to work again. */
  isDown(route: Route): boolean {
    return this.#restUntilMs.has(route.name);
  }

  rests(route: Route): boolean {
    return (this.#restUntilMs.get(route.name) ?? 0) > this.#nowMs();
  }

  /** Those that failed come last; each part keeps its order. */
  inOrder(routes: readonly Route[]): Route[] {
    return [
      ...routes.filter((route) => !this.isDown(route)),
      ...routes.filter((route) => this.isDown(route)),
    ];
  }

  /** The first of `routes` that is before `inUse` and has rested. */
  better(routes: readonly Route[], inUse: Route): Route | null {
    const before = routes.slice(
      0,
      Math.max(
        0,
        routes.findIndex(({ name }) => name === inUse.name),
      ),
    );
    return before.find((route) => !this.rests(route)) ?? null;
  }
}

export interface FixedRouteOptions {
  proxy: ProxyOptions | null;
  bypass: readonly BypassRule[];
  fallbackToDirect: boolean;
}

/** The ways of a proxy that is set by name, or of none. */
export class FixedRoutes implements Routes {
  readonly #options: FixedRouteOptions;
  readonly #memory: RouteMemory;

  constructor(options: FixedRouteOptions, memory: RouteMemory) {
    this.#options = options;
    this.#memory = memory;
  }

  async to(target: RouteTarget): Promise<readonly Route[]> {
    return this.#memory.inOrder(this.#all(target));
  }

  failed(target: RouteTarget, route: Route, error: OutriderError): void {
    // Where there is no other way nothing is put last, and a target that is called directly says
    // nothing of the others' ways.
    if (this.#all(target).length > 1) this.#memory.failed(route, error);
  }

  worked(route: Route): void {
    this.#memory.worked(route);
  }

  worthTrying(target: RouteTarget, inUse: Route): Route | null {
    return this.#memory.better(this.#all(target), inUse);
  }

  #all(target: RouteTarget): Route[] {
    const { proxy, bypass, fallbackToDirect } = this.#options;
    if (proxy === null || isBypassed(bypass, target)) return [directRoute];
    const route = { name: nameOf(proxy), proxy, fallback: false };
    return fallbackToDirect ? [route, { ...directRoute, fallback: true }] : [route];
  }
}

export function nameOf({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
