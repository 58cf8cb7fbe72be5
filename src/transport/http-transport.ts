import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { Agent, type buildConnector, type Dispatcher, request as undiciRequest } from "undici";
import { systemClock } from "../base/clock.ts";
import { asOutriderError, OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import { exchangeFailure, joinedFields, messageOf } from "./http-message.ts";
import { openRoute } from "./open-route.ts";
import { openPath, type PathOptions, type Target, targetOf } from "./path.ts";
import { nameOf, type Route } from "./routes/routes.ts";
import type { TlsFacts } from "./stages/certificate.ts";
import type { StageResult } from "./stages/stages.ts";
import type { Trust } from "./stages/trust.ts";
import { systemErrorCode } from "./wire/time-limit.ts";

export interface TransportRequest {
  method: "GET" | "POST" | "PUT";
  url: URL;
  headers: Readonly<Record<string, string>>;
  content: Uint8Array;
  /** From sending the request to the head of the reply. */
  limitMs: number;
  signal?: AbortSignal;
}

export interface TransportReply {
  status: number;
  /** Names in lower case; values of a repeated field are joined by commas. */
  headers: Readonly<Record<string, string>>;
  content: Uint8Array;
}

/** HTTP to the services. Rejects with a coded error, or with the signal's reason. */
export interface Transport {
  request(request: TransportRequest): Promise<TransportReply>;
  close(): Promise<void>;
}

/**
 * Called for each connection attempt, for the status and for display; the last two are null when it
 * failed.
 */
export type PathObserver = (
  origin: string,
  stages: readonly StageResult[],
  tls: TlsFacts | null,
  route: Route | null,
) => void;

/** No reply of a service is larger: a full list of jobs has about 6 MB. */
const longestReplyBytes = 16 * 2 ** 20;
/** One slow service must not use up the connections that others on the same host need. */
const connectionsPerOrigin = 8;
/**
 * An idle connection is kept over the longest interval; only the other side or the path closes it.
 */
const keepAliveMs = 24 * 60 * 60_000;
/** The platform holds requests with longer limits on purpose. */
const longestUnheldMs = 15_000;
/** A connection without traffic for so long may be dead unnoticed: firewalls forget silent ones. */
const doubtfulAfterMs = 5000;
/** The limit for a reply over such a connection, before another one is opened. */
const doubtfulLimitMs = 5000;
/** For the content after the head of the reply, and for connecting before it. */
const spareMs = 20_000;

/**
 * HTTP by undici over connections that `openRoute` makes. undici's own ProxyAgent is not used: it
 * waits five minutes for a silent proxy whatever its limits, and hides the proxy's answer.
 */
export class HttpTransport implements Transport {
  #agent: Agent;
  /** Earlier agents whose last requests still run. */
  readonly #former = new Set<Agent>();
  readonly #closing = new AbortController();
  #options: PathOptions;
  readonly #observe: PathObserver;
  readonly #origins = new Map<string, OriginState>();
  #looking = false;

  constructor(options: PathOptions, observe: PathObserver = () => undefined) {
    this.#options = options;
    this.#observe = observe;
    this.#agent = this.#newAgent();
  }

  async request({
    method,
    url,
    headers,
    content,
    limitMs,
    signal,
  }: TransportRequest): Promise<TransportReply> {
    this.#lookForBetter(url);
    const overall = AbortSignal.timeout(limitMs + spareMs);
    const stop = AbortSignal.any(
      signal ? [signal, overall, this.#closing.signal] : [overall, this.#closing.signal],
    );
    stop.throwIfAborted();
    let abandon: (() => void) | undefined;
    // undici ignores the signal while it connects, so do not wait for it.
    const abandoned = new Promise<never>((_, reject) => {
      abandon = () => reject(stop.reason);
      stop.addEventListener("abort", abandon, { once: true });
    });
    abandoned.catch(() => undefined);
    try {
      return await Promise.race([
        this.#exchange(method, url, headers, content, limitMs, stop),
        abandoned,
      ]);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (this.#closing.signal.aborted)
        throw new OutriderError("connect-reset", { detail: fact("transport-closed") });
      if (overall.aborted)
        throw new OutriderError("service-silent", {
          detail: fact("answer-unfinished", { host: url.host }),
        });
      throw exchangeFailure(error, url.host);
    } finally {
      this.#origin(url).heardMs = this.#nowMs();
      if (abandon) stop.removeEventListener("abort", abandon);
    }
  }

  /** Trust for connections made from now on; open ones end after their current request. */
  useTrust(trust: Trust): void {
    this.#options = { ...this.#options, trust };
    this.#renewAgent();
  }

  async close(): Promise<void> {
    this.#closing.abort(new OutriderError("connect-reset", { detail: fact("transport-closed") }));
    await Promise.all([this.#agent, ...this.#former].map((agent) => agent.destroy()));
  }

  async #exchange(
    method: Dispatcher.HttpMethod,
    url: URL,
    headers: Readonly<Record<string, string>>,
    content: Uint8Array,
    limitMs: number,
    signal: AbortSignal,
  ) {
    const origin = this.#origin(url);
    const doubtful =
      limitMs <= longestUnheldMs &&
      origin.open > 0 &&
      this.#nowMs() - origin.heardMs > doubtfulAfterMs;
    const reply = await undiciRequest(url, {
      method,
      ...messageOf(method, headers, content),
      headersTimeout: doubtful ? Math.min(limitMs, doubtfulLimitMs) : limitMs,
      bodyTimeout: 10_000,
      signal,
      dispatcher: this.#agent,
    }).catch((error: unknown) => {
      if (!doubtful || systemErrorCode(error) !== "UND_ERR_HEADERS_TIMEOUT") throw error;
      // The caller may repeat the request at once, over a new connection: a firewall that forgot
      // this one has forgotten its neighbours too.
      if (origin.route) this.#options.idle?.forgotten(origin.route.name);
      this.#renewAgent();
      throw new OutriderError("connect-forgotten", {
        detail: fact("answer-lost", { host: url.host }),
        cause: error,
      });
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) if (chunk instanceof Uint8Array) chunks.push(chunk);
    // undici frees a connection one turn of the event loop after its reply ended; a request made
    // before that would open another one.
    await setImmediate();
    await setImmediate();
    return {
      status: reply.statusCode,
      headers: joinedFields(reply.headers),
      content: Buffer.concat(chunks),
    };
  }

  #newAgent(): Agent {
    const connect: buildConnector.connector = ({ hostname, port }, callback) => {
      const stages: StageResult[] = [];
      const target = {
        host: hostname.replace(/^\[|\]$/g, ""),
        port: port === "" ? 443 : Number(port),
      };
      openRoute(target, this.#options, stages, this.#closing.signal).then(
        ({ socket, tls, route }) => {
          this.#observe(nameOf(target), stages, tls, route);
          this.#hand(socket, target, route, callback);
        },
        (error: unknown) => {
          this.#observe(nameOf(target), stages, null, null);
          callback(asOutriderError(error), null);
        },
      );
    };
    return new Agent({
      connect,
      allowH2: false,
      connections: connectionsPerOrigin,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      maxHeaderSize: 32 * 1024,
      maxResponseSize: longestReplyBytes,
    });
  }

  #hand(socket: Socket, target: Target, route: Route, callback: buildConnector.Callback): void {
    if (this.#closing.signal.aborted) {
      socket.destroy();
      callback(new OutriderError("connect-reset", { detail: fact("transport-closed") }), null);
      return;
    }
    const origin = this.#originAt(target);
    origin.open++;
    origin.route = route;
    origin.heardMs = this.#nowMs();
    this.#options.idle?.watch(socket, route.name);
    socket.once("close", () => origin.open--);
    callback(null, socket);
  }

  /**
   * While a fallback route is in use: is the better one back? Probed beside a request now and then,
   * without a timer. When it is back, the next requests take it, and connections over the fallback
   * end after their current request.
   */
  #lookForBetter(url: URL): void {
    const { routes } = this.#options;
    const { route } = this.#origin(url);
    const target = targetOf(url);
    const better = route && routes?.worthTrying(target, route);
    if (!better || !routes || this.#looking) return;
    this.#looking = true;
    const only = { ...this.#options, proxy: better.proxy };
    openPath(target, only, [], this.#closing.signal)
      .then(
        ({ socket }) => {
          socket.destroy();
          routes.worked(better);
          this.#renewAgent();
        },
        (error: unknown) => {
          if (!this.#closing.signal.aborted) routes.failed(target, better, asOutriderError(error));
        },
      )
      .finally(() => {
        this.#looking = false;
      });
  }

  #renewAgent(): void {
    if (this.#closing.signal.aborted) return;
    const former = this.#agent;
    this.#agent = this.#newAgent();
    for (const origin of this.#origins.values()) origin.route = null;
    this.#former.add(former);
    former.close().then(
      () => this.#former.delete(former),
      () => this.#former.delete(former),
    );
  }

  #origin(url: URL): OriginState {
    return this.#originAt(targetOf(url));
  }

  #originAt(target: Target): OriginState {
    const name = nameOf(target);
    const known = this.#origins.get(name) ?? { open: 0, heardMs: 0, route: null };
    this.#origins.set(name, known);
    return known;
  }

  #nowMs(): number {
    return (this.#options.clock ?? systemClock).monotonicMs();
  }
}

/** State of the connections to one host and port. */
interface OriginState {
  open: number;
  /** When a reply last came over one of them. */
  heardMs: number;
  /** The route of the last one. */
  route: Route | null;
}
