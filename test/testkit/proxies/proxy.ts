import { connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { ServerCertificate } from "./certificates.ts";
import type { ProxyGate, ProxyGateKeeper } from "./logins.ts";
import { closeAll, listen, portOf } from "./origin.ts";

/**
 * The proxy's reaction to a CONNECT:
 * - `tunnel`: opens it with the head given, after the log-in when `credentials` are set
 * - `gates`: opens it when one of the gates lets in, else 407 with what all of them ask for;
 *   `chunked` sends that in chunks; `hangsUp` closes the connection after
 *   each 407, or after the first one; `forgets` resets connections that got a 407 at the next CONNECT, without a notice
 * - `offer`: always 407, with the challenges given
 * - `answer`: writes the bytes given and leaves the connection open
 * - `silent`: reads and sends nothing
 * - `close`: ends the connection instead of an answer
 * - `drip`: one byte of an answer every 20 ms, without end
 * - `endless-header`: a header that does not end
 * - `silent-tunnel`: answers 200 and then discards all data
 */
export type ProxyMode =
  | { kind: "tunnel"; credentials?: { user: string; password: string }; answer?: string }
  | {
      kind: "gates";
      gates: readonly ProxyGate[];
      hangsUp?: "always" | "first" | "forgets";
      version?: "1.0";
      chunked?: boolean;
      /** Further fields of each 407. */
      fields?: readonly string[];
    }
  | { kind: "offer"; challenges: readonly string[] }
  | { kind: "answer"; bytes: string }
  | { kind: "silent" | "close" | "drip" | "endless-header" | "silent-tunnel" };

export interface TestProxy {
  port: number;
  mode: ProxyMode;
  /** Heads of the CONNECTs received. */
  requests: string[];
  /** TCP connections taken so far. */
  connections(): number;
  /** Those with clients that are open now. */
  open(): number;
  /** Cuts every connection that is open now. */
  cut(): void;
  close(): Promise<void>;
}

/**
 * An HTTP proxy in this process, good and bad. `reroute` maps the requested authority to the real
 * target.
 */
export async function startProxy(
  mode: ProxyMode,
  reroute: (authority: string) => { host: string; port: number } = splitAuthority,
  certificate?: ServerCertificate,
): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let connections = 0;
  const track = (socket: Socket) => {
    // Else a small write waits for an acknowledgement that the other side delays by 40 ms.
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = certificate
    ? createTlsServer({ cert: certificate.certificate, key: certificate.privateKey })
    : createServer();
  server.on("connection", (socket: Socket) => {
    track(socket);
    connections++;
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
  });
  server.on(certificate ? "secureConnection" : "connection", (socket: Socket) => {
    track(socket);
    const keepers = proxy.mode.kind === "gates" ? proxy.mode.gates.map((gate) => gate.begin()) : [];
    let received = "";
    let asked = 0;
    const onData = (chunk: Buffer) => {
      received += chunk.toString("latin1");
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = received.slice(0, end);
      received = received.slice(end + 4);
      proxy.requests.push(head);
      if (proxy.mode.kind === "gates" && proxy.mode.hangsUp === "forgets" && asked++ > 0)
        socket.resetAndDestroy();
      else if (respond(socket, head, keepers)) socket.off("data", onData);
    };
    socket.on("data", onData);
  });

  const openTunnel = (socket: Socket, asked: string) => {
    let isOpen = false;
    const onward = connect(reroute(asked), () => {
      isOpen = true;
      const { mode } = proxy;
      const answer = mode.kind === "tunnel" ? mode.answer : undefined;
      socket.write(answer ?? "HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    track(onward);
    onward.on("error", () => {
      if (!isOpen) socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    });
    onward.on("close", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  };

  /** True when the socket has become a tunnel. */
  const respond = (socket: Socket, head: string, keepers: readonly ProxyGateKeeper[]): boolean => {
    const asked = /^CONNECT (\S+) HTTP/.exec(head)?.[1] ?? "";
    switch (proxy.mode.kind) {
      case "tunnel": {
        const { credentials } = proxy.mode;
        if (
          credentials &&
          !head.includes(
            `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`,
          )
        ) {
          socket.write(
            'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\n\r\n',
          );
          return false;
        }
        openTunnel(socket, asked);
        return true;
      }
      case "gates": {
        const { hangsUp, version = "1.1", chunked = false } = proxy.mode;
        const authorization = /^Proxy-Authorization: (.*)$/im.exec(head)?.[1]?.trim() ?? null;
        const answers = keepers.map((keeper) => keeper.check(authorization, asked));
        if (answers.includes(true)) {
          openTunnel(socket, asked);
          return true;
        }
        const challenges = answers.flatMap((answer) => (answer === true ? [] : answer));
        const ends = hangsUp === "always" || (hangsUp === "first" && proxy.requests.length === 1);
        const fields = [
          ...challenges.map((each) => `Proxy-Authenticate: ${each}`),
          chunked ? "Transfer-Encoding: chunked" : "Content-Length: 5",
          ...(ends ? ["Connection: close"] : []),
          ...(proxy.mode.fields ?? []),
        ];
        socket.write(
          `HTTP/${version} 407 Proxy Authentication Required\r\n${fields.join("\r\n")}\r\n\r\n${chunked ? "2;a=b\r\nlo\r\n3\r\ngin\r\n0\r\nx: y\r\n\r\n" : "login"}`,
        );
        if (!ends && version === "1.1") return false;
        socket.end();
        return true;
      }
      case "offer":
        socket.write(
          `HTTP/1.1 407 Proxy Authentication Required\r\n${proxy.mode.challenges.map((each) => `Proxy-Authenticate: ${each}\r\n`).join("")}Content-Length: 5\r\n\r\nlogin`,
        );
        return false;
      case "answer":
        socket.write(proxy.mode.bytes);
        return false;
      case "close":
        socket.end();
        return true;
      case "drip": {
        const timer = setInterval(() => socket.write("H"), 20);
        socket.write("HTTP/1.1 200 ");
        socket.on("close", () => clearInterval(timer));
        return true;
      }
      case "endless-header": {
        socket.write("HTTP/1.1 200 OK\r\n");
        const more = () => {
          while (!socket.destroyed && socket.write(`X-Filler: ${"x".repeat(4000)}\r\n`));
        };
        socket.on("drain", more);
        more();
        return true;
      }
      case "silent-tunnel":
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        return true;
      case "silent":
        return true;
    }
  };

  const proxy: TestProxy = {
    port: 0,
    mode,
    requests: [],
    connections: () => connections,
    open: () => clients.size,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => closeAll(server, sockets),
  };
  await listen(server);
  proxy.port = portOf(server.address());
  return proxy;
}

function splitAuthority(authority: string): { host: string; port: number } {
  const split = /^\[?([^\]]+)\]?:(\d+)$/.exec(authority);
  return { host: split?.[1] ?? "127.0.0.1", port: Number(split?.[2] ?? 0) };
}
