import type { OutriderError } from "../../base/messages/error.ts";
import { type BypassRule, isBypassed } from "../proxy/bypass.ts";
import type { ProxyOptions } from "../proxy/options.ts";
import type { RunStage } from "../stages/stages.ts";

/** How a URL is reached: through a proxy, or directly. */
export interface Route {
  /** As it is shown: `proxy.example.org:3128`, or `direct`. */
  name: string;
  proxy: ProxyOptions | null;
  /** Taken only because the configured route does not work. */
  fallback: boolean;
}

export interface RouteTarget {
  host: string;
  port: number;
}

/** Chooses routes. One object serves all connections: it remembers which routes failed. */
export interface Routes {
  /**
   * The routes to a target in the order in which to try them; at least one. `run` runs the stage
   * that fetches or evaluates a PAC file.
   */
  to(target: RouteTarget, run: RunStage): Promise<readonly Route[]>;
  failed(target: RouteTarget, route: Route, error: OutriderError): void;
  worked(route: Route): void;
  /**
   * A route that is better than the one in use and has not failed recently; null when there is
   * none.
   */
  worthTrying(target: RouteTarget, inUse: Route): Route | null;
}

export const directRoute: Route = { name: "direct", proxy: null, fallback: false };

export interface RouteMemoryTimes {
  /** For so long a route that failed is tried last, and not probed. */
  restMs: number;
  /**
   * The same after a refused password: each attempt may bring the account nearer to being locked.
   */
  refusedMs: number;
}

export const defaultMemoryTimes: RouteMemoryTimes = { restMs: 30_000, refusedMs: 10 * 60_000 };
const refusals: readonly string[] = [
  "proxy-authentication-failed",
  "proxy-authentication-required",
  "proxy-account-locked",
  "proxy-password-expired",
];

/** Remembers which routes failed recently, by their names. */
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

  /** Failed, and not seen to work since. */
  isDown(route: Route): boolean {
    return this.#restUntilMs.has(route.name);
  }

  rests(route: Route): boolean {
    return (this.#restUntilMs.get(route.name) ?? 0) > this.#nowMs();
  }

  /** Routes that failed come last; both groups keep their order. */
  inOrder(routes: readonly Route[]): Route[] {
    return [
      ...routes.filter((route) => !this.isDown(route)),
      ...routes.filter((route) => this.isDown(route)),
    ];
  }

  /** The first of `routes` that comes before `inUse` and whose rest is over. */
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

/** The routes when one proxy is configured, or none. */
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
    // A single route cannot come last. A target that is called directly says nothing about the
    // routes of other targets.
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

/** `host:port`, with brackets around an IPv6 address. */
export function nameOf({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
