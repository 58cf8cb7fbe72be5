import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { Agent, type buildConnector, type Dispatcher, request as undiciRequest } from "undici";
import { systemClock } from "../base/clock.ts";
import { asOutriderError, OutriderError } from "../base/messages/error.ts";
import type { ErrorCode } from "../base/messages/error-codes.ts";
import { fact } from "../base/messages/facts.ts";
import { openRoute } from "./open-route.ts";
import { openPath, type PathOptions, type Target, targetOf } from "./path.ts";
import { nameOf, type Route } from "./routes/routes.ts";
import type { StageResult } from "./stages/stages.ts";
import type { TlsFacts, Trust } from "./stages/tls.ts";
import { errorText, systemErrorCode } from "./wire/time-limit.ts";

export interface TransportRequest {
  method: "GET" | "POST" | "PUT";
  url: URL;
  headers: Readonly<Record<string, string>>;
  content: Uint8Array;
  /** From the request being sent to the answer's head. */
  limitMs: number;
  signal?: AbortSignal;
}

export interface TransportReply {
  status: number;
  /** Names in lower case; a field that came more than once is joined by commas. */
  headers: Readonly<Record<string, string>>;
  content: Uint8Array;
}

/** The way to the services; rejects with a coded error, or with the signal's reason. */
export interface Transport {
  request(request: TransportRequest): Promise<TransportReply>;
  close(): Promise<void>;
}

/**
 * What was seen when a connection was made, for the status and for people; the last two are null
 * when none came of it.
 */
export type PathObserver = (
  origin: string,
  stages: readonly StageResult[],
  tls: TlsFacts | null,
  route: Route | null,
) => void;

/** Nothing that a service answers is larger: a full list of jobs is about 6 MB. */
const longestReplyBytes = 16 * 2 ** 20;
/** One slow service must not use up the connections that others on the same host need. */
const connectionsPerOrigin = 8;
/**
 * An idle connection is kept over the longest interval; who closes it is the other side or the
 * path.
 */
const keepAliveMs = 24 * 60 * 60_000;
/** Requests with longer limits are held by the platform on purpose. */
const longestUnheldMs = 15_000;
/**
 * A connection that nothing was heard on for so long may be dead without anybody knowing: firewalls
 * forget silent ones.
 */
const doubtfulAfterMs = 5000;
/** How long an answer over such a one is waited for before another one is opened. */
const doubtfulLimitMs = 5000;
/** What a body may take after its head came, and what connecting may take before. */
const spareMs = 20_000;
/**
 * TLS encrypts what it is given as a whole before any of it leaves: in slices, the other side reads
 * one while the next is encrypted.
 */
const sliceBytes = 2 ** 20;

/**
 * HTTP by undici over ways that `openPath` makes. undici's own ProxyAgent is not used: it waits
 * five minutes for a silent proxy whatever it is told, and hides what a proxy answers.
 */
export class HttpTransport implements Transport {
  #agent: Agent;
  /** Those before it, whose last requests still run. */
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
    // undici does not look at the signal while it connects: do not wait for it.
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

  /** Whom connections believe from now on; those that are open end with what they are at. */
  useTrust(trust: Trust): void {
    this.#options = { ...this.#options, trust };
    this.#startAnew();
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
      // Whoever asked may ask again at once, over a new one: what forgot this connection has
      // forgotten its neighbours too.
      this.#startAnew();
      throw new OutriderError("connect-forgotten", {
        detail: fact("answer-lost", { host: url.host }),
        cause: error,
      });
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) if (chunk instanceof Uint8Array) chunks.push(chunk);
    // undici frees a connection for the next request one turn of the event loop after its answer
    // ended; a request that is made before then would open another one.
    await setImmediate();
    await setImmediate();
    return {
      status: reply.statusCode,
      headers: joined(reply.headers),
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
    socket.once("close", () => origin.open--);
    callback(null, socket);
  }

  /**
   * While a way is in use only because a better one failed: is that one back? Looked for beside a
   * request now and then, without a timer; when it is, the next requests go that way, and the
   * connections in use end with what they are at.
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
          this.#startAnew();
        },
        (error: unknown) => {
          if (!this.#closing.signal.aborted) routes.failed(target, better, asOutriderError(error));
        },
      )
      .finally(() => {
        this.#looking = false;
      });
  }

  #startAnew(): void {
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

/** What is known of the connections with one host and port. */
interface OriginState {
  open: number;
  /** When something was last heard over one of them. */
  heardMs: number;
  /** The way of the last one. */
  route: Route | null;
}

function messageOf(method: string, headers: Readonly<Record<string, string>>, content: Uint8Array) {
  if (method === "GET") return { headers, body: null };
  if (content.length <= sliceBytes) return { headers, body: content };
  // undici knows no length of what it is given bit by bit, and would send it in chunks, which
  // proxies like less.
  return {
    headers: { ...headers, "content-length": String(content.length) },
    body: Readable.from(slicesOf(content)),
  };
}

function* slicesOf(content: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += sliceBytes)
    yield content.subarray(at, at + sliceBytes);
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined)
      result[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  return result;
}

function exchangeFailure(error: unknown, host: string): OutriderError {
  if (error instanceof OutriderError) return error;
  const name = systemErrorCode(error);
  const code: ErrorCode =
    name === "UND_ERR_HEADERS_TIMEOUT" || name === "UND_ERR_BODY_TIMEOUT"
      ? "service-silent"
      : name === "UND_ERR_SOCKET" ||
          name === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" ||
          name === "ECONNRESET" ||
          name === "EPIPE"
        ? "connect-reset"
        : name === "ETIMEDOUT" || name === "EHOSTUNREACH" || name === "ENETUNREACH"
          ? "connect-silent"
          : "service-unexpected";
  return new OutriderError(code, {
    detail: fact("exchange-said", { host, said: name || errorText(error) }),
    cause: error,
  });
}
