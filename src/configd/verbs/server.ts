import { chmod, chown, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Validator } from "../../base/checks.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import type { VerbName, VerbReply, VerbRequest } from "../api/api.ts";
import { validators } from "../api/request-validators.ts";
import { type Route, routes, type SocketName } from "../api/routes.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import type { ApiFailure } from "../api/shapes.ts";
import type { Owner } from "../machine/file-owners.ts";
import type { Handlers } from "./parts.ts";

type RequestValidators = { [Name in VerbName]: Validator<VerbRequest<Name>> };
const requests: RequestValidators = validators;

export const largestRequestBytes = 256 * 1024;
/** A caller that stops sending within a request is disconnected after this time. */
const requestTimeoutMs = 10_000;

export interface Endpoint {
  name: SocketName;
  path: string;
  /** Its group may connect, besides root. Absent, the socket stays with the process's user. */
  owner?: Owner | undefined;
}

export interface RunningServer {
  close(): Promise<void>;
}

/** Answers configd's verbs on one unix socket: only those whose route names this socket. */
export async function serve(
  endpoint: Endpoint,
  handlers: Handlers,
  log: Log,
): Promise<RunningServer> {
  const closing = new AbortController();
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 2000,
    maxHeaderSize: 8192,
  });
  server.on("request", (incoming, outgoing) => {
    answer(endpoint.name, handlers, incoming, outgoing, closing.signal, log).catch(
      (error: unknown) => {
        log.warning("answer not sent", { error: String(error) });
        outgoing.destroy();
      },
    );
  });
  await listen(server, endpoint);
  return {
    close: async () => {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server, { path, owner }: Endpoint): Promise<void> {
  await rm(path, { force: true });
  // Only root may use the new socket until its group owns it.
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  if (owner) await chown(path, owner.uid, owner.gid);
  await chmod(path, 0o660);
}

async function answer(
  socket: SocketName,
  handlers: Handlers,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  closing: AbortSignal,
  log: Log,
): Promise<void> {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  try {
    const { name, query } = findVerb(socket, incoming);
    const body = routes[name].method === "GET" ? query : await readBody(incoming);
    const reply = await dispatch(name, handlers, body, AbortSignal.any([gone.signal, closing]));
    send(outgoing, 200, reply);
  } catch (error) {
    const failure = asOutriderError(error);
    if (failure.code === "internal-error" || failure.code === "storage-failed")
      log.error("verb failed", {
        url: incoming.url?.split("?")[0],
        code: failure.code,
        error: String(error),
        stack: stackOf(error),
      });
    send(outgoing, statusOf(failure.code), failureBody(failure));
  }
}

async function dispatch<Name extends VerbName>(
  name: Name,
  handlers: Handlers,
  body: unknown,
  signal: AbortSignal,
): Promise<VerbReply<Name>> {
  const request = requests[name](body);
  if (!request.valid) {
    const [violation] = request.violations;
    throw new OutriderError("request-invalid", {
      detail: quoted(`${name}: ${violation?.path ?? ""} ${violation?.message ?? ""}`),
    });
  }
  return handlers[name](request.value, signal);
}

function findVerb(
  socket: SocketName,
  incoming: IncomingMessage,
): { name: VerbName; query: unknown } {
  const [path, search] = (incoming.url ?? "").split("?", 2);
  for (const name of verbNames) {
    const route: Route = routes[name];
    if (route.path !== path || route.method !== incoming.method) continue;
    if (!route.sockets.includes(socket))
      throw new OutriderError("not-allowed", { detail: quoted(name) });
    return { name, query: readQuery(search ?? "") };
  }
  throw new OutriderError("request-invalid", { detail: fact("verb-not-known") });
}

const verbNames = Object.keys(routes).filter((name): name is VerbName =>
  Object.hasOwn(routes, name),
);

/** Reads a query. Whole numbers are the only values that are not strings. */
function readQuery(search: string): Record<string, string | number> {
  const pairs = [...new URLSearchParams(search)].slice(0, 20);
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, /^\d{1,15}$/.test(value) ? Number(value) : value]),
  );
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > largestRequestBytes)
      throw new OutriderError("too-large", {
        detail: fact("request-long", { bytes: largestRequestBytes }),
      });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new OutriderError("request-invalid", { detail: fact("request-no-json") });
  }
}

function failureBody(failure: OutriderError): ApiFailure {
  // Details of an internal error go to the journal only.
  const details =
    failure.code === "internal-error" || failure.detail === undefined ? {} : failure.told;
  const problems =
    failure instanceof SettingsRefused
      ? failure.problems.map((problem) => ({ ...problem }))
      : undefined;
  return { code: failure.code, ...details, ...(problems ? { problems } : {}) };
}

const statuses: Partial<Record<ErrorCode, number>> = {
  "not-allowed": 403,
  "trial-unknown": 404,
  "trial-pending": 409,
  "too-large": 413,
  "request-invalid": 400,
  "settings-invalid": 422,
  "code-malformed": 422,
  "storage-full": 507,
};

function statusOf(code: ErrorCode): number {
  return statuses[code] ?? 500;
}

function send(outgoing: ServerResponse, status: number, body: object): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  const content = JSON.stringify(body);
  outgoing.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(content),
    connection: "close",
  });
  outgoing.end(content);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
