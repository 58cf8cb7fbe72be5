import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer as createHttpsServer, type Server } from "node:https";
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import Fastify, { type FastifyInstance } from "fastify";
import type { KeyPair } from "../certificates/schemas.ts";
import { keepPace, type PaceLimits, usualPace } from "./pace.ts";
import { Strangers } from "./strangers.ts";

/**
 * Longer than an appliance's usual interval, so that an idle cycle is one request on an open
 * connection.
 */
const keepAliveMs = 300_000;
/**
 * Long enough for an operator who uploads a system image over a slow line. An unknown client cannot
 * use it: it is refused before its content is read, and content has to keep pace.
 */
const requestTimeoutMs = 900_000;
const handshakeTimeoutMs = 15_000;
/** Connections of unknown peers. A fleet that starts at once needs each for a moment only. */
const mostStrangers = 1000;
/** When the platform ends, requests in progress have this long to finish. */
const drainMs = 1200;

/**
 * A port that is bound before the platform is ready, because its number is part of the platform's
 * addresses. Connections that arrive before the hand-over wait.
 */
export interface BoundPort {
  port: number;
  handOver(server: Server): void;
  close(): Promise<void>;
}

export async function bindPort(host: string, port: number): Promise<BoundPort> {
  const early: Socket[] = [];
  const bound = createServer({ pauseOnConnect: true }, (socket) => early.push(socket));
  bound.listen(port, host);
  await once(bound, "listening");
  const address: AddressInfo | string | null = bound.address();
  if (address === null || typeof address === "string") throw new TypeError("not a TCP port");
  return {
    port: address.port,
    handOver: (server) => {
      server.listen(bound);
      for (const socket of early) server.emit("connection", socket);
    },
    close: () => new Promise((resolve) => bound.close(() => resolve())),
  };
}

export interface HttpsApp {
  app: FastifyInstance;
  server: Server;
  sockets: Set<Socket>;
}

declare module "fastify" {
  interface FastifyInstance {
    strangers: Strangers;
  }
}

export interface LoadLimits {
  pace: PaceLimits;
  strangers: number;
}

/** Fastify over TLS. Its limits bound the load that an unknown client can cause. */
export function makeApp(
  keyPair: KeyPair,
  clientAuthorities: string[],
  limits: LoadLimits = { pace: usualPace, strangers: mostStrangers },
): HttpsApp {
  const sockets = new Set<Socket>();
  const strangers = new Strangers(limits.strangers);
  const options = {
    ...tlsOptions(keyPair, clientAuthorities),
    handshakeTimeout: handshakeTimeoutMs,
  };
  let made: Server | undefined;
  const app = Fastify({
    serverFactory: (handler) => {
      made = createHttpsServer(options, handler);
      return made;
    },
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: 256 * 1024,
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: false,
      },
    },
    routerOptions: { maxParamLength: 100 },
  });
  if (!made) throw new Error("Fastify made no server");
  made.keepAliveTimeout = keepAliveMs;
  made.requestTimeout = requestTimeoutMs;
  made.headersTimeout = 30_000;
  made.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    strangers.add(socket);
  });
  keepPace(made, limits.pace);
  app.decorate("strangers", strangers);
  return { app, server: made, sockets };
}

/**
 * The server asks for a client certificate and does not demand one: a device that inspects TLS lets
 * none through, and browsers have none. Because the authority is named (RFC 8446 section 4.2.4),
 * browsers do not offer their user certificates of other authorities.
 */
function tlsOptions({ certificate, privateKey }: KeyPair, clientAuthorities: string[]) {
  return {
    cert: certificate,
    key: privateKey,
    minVersion: "TLSv1.2" as const,
    requestCert: true,
    rejectUnauthorized: false,
    ca: clientAuthorities,
  };
}

/** The common name of the connection's client certificate; null unless the platform issued it. */
export function certifiedClient(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const { subject } = socket.getPeerCertificate();
  return typeof subject?.CN === "string" ? subject.CN : null;
}

/** Uses another server certificate for new connections. */
export function useCertificate(
  server: Server,
  keyPair: KeyPair,
  clientAuthorities: string[],
): void {
  server.setSecureContext(tlsOptions(keyPair, clientAuthorities));
}

/**
 * Also takes TLS connections on a unix socket, through which a platform inside a network namespace
 * can be reached from outside.
 */
export async function listenUnix(path: string, server: Server): Promise<NetServer> {
  await rm(path, { force: true });
  const listener = createServer((socket) => server.emit("connection", socket));
  listener.listen(path);
  await once(listener, "listening");
  return listener;
}

/** Stops listening, lets requests finish for a moment, then ends the connections that are left. */
export async function endServer(
  { app, server, sockets }: HttpsApp,
  unixListener: NetServer | null,
): Promise<void> {
  unixListener?.close();
  server.close();
  const open = () => sockets.size > 0;
  const until = performance.now() + drainMs;
  // No event says that a connection has become idle, so idle ones are looked for repeatedly.
  for (; open() && performance.now() < until; await delay(20)) server.closeIdleConnections();
  for (const socket of sockets) socket.destroy();
  await app.close();
}
