import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { Agent, type buildConnector, type Dispatcher, request as undiciRequest } from "undici";
import { asOutriderError, OutriderError } from "../protocol/error.ts";
import type { ErrorCode } from "../protocol/error-codes.ts";
import { openPath, type PathOptions } from "./path.ts";
import type { StageResult } from "./stages.ts";
import { errorText, systemErrorCode } from "./time-limit.ts";
import type { TlsFacts } from "./tls.ts";

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

/** What was seen when a connection was made, for the status and for people. */
export type PathObserver = (origin: string, stages: readonly StageResult[], tls: TlsFacts | null) => void;

/** Nothing that a service answers is larger: a full list of jobs is about 6 MB. */
const longestReplyBytes = 16 * 2 ** 20;
/** One slow service must not use up the connections that others on the same host need. */
const connectionsPerOrigin = 8;
/** An idle connection is kept over the longest interval; who closes it is the other side or the path. */
const keepAliveMs = 24 * 60 * 60_000;
/** What a body may take after its head came, and what connecting may take before. */
const spareMs = 20_000;

/**
 * HTTP by undici over ways that `openPath` makes. undici's own ProxyAgent is not used: it waits five minutes for a silent proxy
 * whatever it is told, and hides what a proxy answers.
 */
export class HttpTransport implements Transport {
  readonly #agent: Agent;
  readonly #closing = new AbortController();

  constructor(options: PathOptions, observe: PathObserver = () => undefined) {
    const connect: buildConnector.connector = ({ hostname, port }, callback) => {
      const stages: StageResult[] = [];
      const target = { host: hostname, port: port === "" ? 443 : Number(port) };
      const origin = `${target.host}:${target.port}`;
      openPath(target, options, stages, this.#closing.signal).then(
        ({ socket, tls }) => {
          observe(origin, stages, tls);
          this.#hand(socket, callback);
        },
        (error: unknown) => {
          observe(origin, stages, null);
          callback(asOutriderError(error), null);
        },
      );
    };
    this.#agent = new Agent({
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

  async request({ method, url, headers, content, limitMs, signal }: TransportRequest): Promise<TransportReply> {
    const overall = AbortSignal.timeout(limitMs + spareMs);
    const stop = AbortSignal.any(signal ? [signal, overall, this.#closing.signal] : [overall, this.#closing.signal]);
    stop.throwIfAborted();
    let abandon: (() => void) | undefined;
    // undici does not look at the signal while it connects: do not wait for it.
    const abandoned = new Promise<never>((_, reject) => {
      abandon = () => reject(stop.reason);
      stop.addEventListener("abort", abandon, { once: true });
    });
    abandoned.catch(() => undefined);
    try {
      return await Promise.race([this.#exchange(method, url, headers, content, limitMs, stop), abandoned]);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (this.#closing.signal.aborted) throw new OutriderError("connect-reset", { detail: "the transport was closed" });
      if (overall.aborted) throw new OutriderError("service-silent", { detail: `${url.host}: the answer did not end in time` });
      throw exchangeFailure(error, url.host);
    } finally {
      if (abandon) stop.removeEventListener("abort", abandon);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new OutriderError("connect-reset", { detail: "the transport was closed" }));
    await this.#agent.destroy();
  }

  async #exchange(
    method: Dispatcher.HttpMethod,
    url: URL,
    headers: Readonly<Record<string, string>>,
    content: Uint8Array,
    limitMs: number,
    signal: AbortSignal,
  ) {
    const reply = await undiciRequest(url, {
      method,
      headers,
      body: method === "GET" ? null : content,
      headersTimeout: limitMs,
      bodyTimeout: 10_000,
      signal,
      dispatcher: this.#agent,
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) if (chunk instanceof Uint8Array) chunks.push(chunk);
    // undici frees a connection for the next request one turn of the event loop after its answer ended; a request that is
    // made before then would open another one.
    await setImmediate();
    await setImmediate();
    return { status: reply.statusCode, headers: joined(reply.headers), content: Buffer.concat(chunks) };
  }

  #hand(socket: Socket, callback: buildConnector.Callback): void {
    if (this.#closing.signal.aborted) {
      socket.destroy();
      callback(new OutriderError("connect-reset", { detail: "the transport was closed" }), null);
    } else callback(null, socket);
  }
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) result[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  return result;
}

function exchangeFailure(error: unknown, host: string): OutriderError {
  if (error instanceof OutriderError) return error;
  const name = systemErrorCode(error);
  const code: ErrorCode =
    name === "UND_ERR_HEADERS_TIMEOUT" || name === "UND_ERR_BODY_TIMEOUT"
      ? "service-silent"
      : name === "UND_ERR_SOCKET" || name === "ECONNRESET" || name === "EPIPE"
        ? "connect-reset"
        : name === "ETIMEDOUT" || name === "EHOSTUNREACH" || name === "ENETUNREACH"
          ? "connect-silent"
          : "service-unexpected";
  return new OutriderError(code, { detail: `${host}: ${name || errorText(error)}`, cause: error });
}
