import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, request as httpsRequest, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock.ts";
import { systemRandom } from "../../../src/base/random.ts";
import { CertificateAuthority } from "../../../src/platform/certificates/authority.ts";
import type { TestPlatform } from "../platform/platform.ts";

export interface PassedReply {
  status: number;
  headers: Record<string, string>;
  content: Buffer;
}

/** Sends a request on with its own head, whatever fits to its content or not. */
function passOn(platform: TestPlatform, request: ChangedRequest): Promise<PassedReply> {
  const { method = "GET", path = "/", headers = {}, content = Buffer.alloc(0) } = request;
  const length = request.announcedLength ?? content.length;
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({
      host: "127.0.0.1",
      port: platform.port,
      ca: platform.certificateAuthority,
      agent: false,
      method,
      path,
      headers: { ...headers, "content-length": String(length) },
    });
    sent.on("error", reject).on("response", async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk);
      sent.destroy();
      resolve({
        status: reply.statusCode ?? 0,
        headers: endToEnd(reply.headers),
        content: Buffer.concat(chunks),
      });
    });
    if (request.announcedLength === undefined) sent.end(content);
    else sent.flushHeaders();
  });
}

export interface PassedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  content: Buffer;
}

/** What the attacker sends on instead of what came. */
export interface ChangedRequest extends Partial<PassedRequest> {
  /** Announces this length, and sends no content. */
  announcedLength?: number;
}

/**
 * The attacker's part in one exchange: returns the reply to pass on, or null to break the
 * connection. `forward` may be called several times, and later than the appliance waits.
 */
export type Attack = (
  request: PassedRequest,
  forward: (changed?: ChangedRequest) => Promise<PassedReply>,
) => Promise<PassedReply | null>;

/**
 * An inspecting proxy that holds an authority which the appliance trusts: it ends the appliance's
 * TLS with a certificate of its own, reads everything, and calls `attack`.
 */
export class Attacker {
  attack: Attack = (_request, forward) => forward();
  /** Tunnels that were asked for so far. */
  connections = 0;
  readonly #inside: Server;
  readonly #proxy: HttpServer;
  readonly #tunnels = new Set<Socket>();

  private constructor(inside: Server, proxy: HttpServer) {
    this.#inside = inside;
    this.#proxy = proxy;
    proxy.on("connect", (_request, socket: Socket) => {
      this.connections++;
      this.#tunnels.add(socket);
      socket.on("error", () => undefined).once("close", () => this.#tunnels.delete(socket));
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      inside.emit("connection", socket);
    });
  }

  static async start(platform: TestPlatform): Promise<Attacker> {
    const pair = JSON.parse(
      await readFile(join(platform.dataFolder, "certificate-authority.json"), "utf8"),
    );
    const authority = await CertificateAuthority.load(pair, systemClock, systemRandom);
    const { certificate, privateKey } = await authority.issueServer(["127.0.0.1"]);
    const attacker = new Attacker(
      createServer({ cert: certificate, key: privateKey }),
      createHttpServer(),
    );
    attacker.#inside.on("tlsClientError", () => undefined);
    attacker.#inside.on("request", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const came: PassedRequest = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: endToEnd(request.headers),
        content: Buffer.concat(chunks),
      };
      const forward = (changed: ChangedRequest = {}) => passOn(platform, { ...came, ...changed });
      const passed = await attacker.attack(came, forward).catch(() => null);
      if (passed === null) response.destroy();
      else
        response
          .writeHead(passed.status, {
            ...passed.headers,
            "content-length": String(passed.content.length),
          })
          .end(passed.content);
    });
    attacker.#proxy.listen(0, "127.0.0.1");
    await once(attacker.#proxy, "listening");
    return attacker;
  }

  /** The port that takes CONNECT. */
  get port(): number {
    const address: AddressInfo | string | null = this.#proxy.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  stop(): void {
    this.#proxy.close();
    for (const socket of this.#tunnels) socket.destroy();
  }
}

function endToEnd(fields: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      typeof value === "string" && name !== "connection" ? [[name, value]] : [],
    ),
  );
}
