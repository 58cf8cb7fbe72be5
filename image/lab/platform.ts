import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer, connect as netConnect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { projectFolder } from "../root/system-layer.ts";
import { domain, hosts, platformUrl, services } from "./addresses.ts";
import type { Daemon } from "./daemon.ts";
import type { Namespaces } from "./namespaces.ts";
import type { Families } from "./networks.ts";

const dataFolder = "/run/lab/platform";
const socketPath = `${dataFolder}/platform.sock`;

export class PlatformError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The reference platform on the WAN segment; its data survive its restarts. */
export class LabPlatform {
  readonly url = platformUrl;
  readonly #namespaces: Namespaces;
  readonly #families: Families;
  #daemon: Daemon | null = null;

  constructor(namespaces: Namespaces, families: Families) {
    this.#namespaces = namespaces;
    this.#families = families;
  }

  async start(): Promise<void> {
    const node = join(projectFolder, "node_modules/.bin/node");
    const options = [
      "--data",
      dataFolder,
      "--listen",
      // The first means all addresses of both families.
      this.#families.ipv6 ? "[::]:443" : `${hosts.platform.address}:443`,
      "--url",
      platformUrl,
      "--listen-unix",
      socketPath,
    ];
    for (const service of services)
      options.push("--service", `${service}=https://${service}.${domain}/${service}/v1`);
    if (this.#families.ipv4) options.push("--ip-range", `${hosts.platform.address}/32`);
    if (this.#families.ipv6) options.push("--ip-range", `${hosts.platform.address6}/128`);
    // A socket file that a killed platform left would keep the next one from listening.
    await this.#namespaces.run(["rm", "-f", socketPath]);
    this.#daemon = this.#namespaces.spawn(
      "platform",
      [node, join(projectFolder, "src/platform/main.ts"), ...options],
      { host: "platform" },
    );
    await this.#daemon.waitForOutput("platform ready", 30_000);
  }

  log(): string {
    return this.#daemon?.output() ?? "";
  }

  async kill9(): Promise<void> {
    await this.#daemon?.end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#daemon?.end("SIGTERM");
  }

  /** For the log-in of the page and for `/api`. */
  async token(): Promise<string> {
    return (await readFile(this.#namespaces.path(`${dataFolder}/operator-token`), "utf8")).trim();
  }

  /** The file of the token on this machine. */
  tokenPath(): string {
    return this.#namespaces.path(`${dataFolder}/operator-token`);
  }

  /** One request to the platform's own interface, as its operator. */
  async api(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
  ): Promise<unknown> {
    const token = await this.token();
    const text = body === undefined ? undefined : JSON.stringify(body);
    return await new Promise((resolve, reject) => {
      const call = request(
        {
          socketPath: this.#namespaces.path(socketPath),
          method,
          path,
          agent: false,
          headers: {
            host: `platform.${domain}`,
            authorization: `Bearer ${token}`,
            ...(text === undefined
              ? {}
              : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
          },
          servername: `platform.${domain}`,
          // File permissions protect the socket, and the platform makes its authority at its first
          // start, so there is no certificate to check against yet.
          rejectUnauthorized: false,
          timeout: 20_000,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const reply = Buffer.concat(chunks).toString("utf8");
            const status = response.statusCode ?? 0;
            if (status >= 400)
              reject(
                new PlatformError(status, `${method} ${path}: ${status} ${reply.slice(0, 500)}`),
              );
            else resolve(reply === "" ? null : JSON.parse(reply));
          });
        },
      );
      call.on("timeout", () => call.destroy(new Error(`${method} ${path}: no answer`)));
      call.on("error", reject);
      call.end(text);
    });
  }

  /**
   * Lets this machine's browser reach the page: relays the port of 127.0.0.1, with its TLS, to the
   * platform.
   */
  async forward(port = 0): Promise<{ port: number; close(): void }> {
    const open = new Set<Socket>();
    const server: Server = createServer((incoming) => {
      const outgoing = netConnect(this.#namespaces.path(socketPath));
      for (const socket of [incoming, outgoing]) {
        open.add(socket);
        socket.on("close", () => {
          open.delete(socket);
          incoming.destroy();
          outgoing.destroy();
        });
        socket.on("error", () => socket.destroy());
      }
      incoming.pipe(outgoing).pipe(incoming);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const address = server.address();
    return {
      port: typeof address === "object" && address !== null ? address.port : port,
      close: () => {
        server.close();
        for (const socket of open) socket.destroy();
      },
    };
  }
}
