import { connect, createServer, type Socket } from "node:net";
import { closeAll, listen, portOf } from "./proxy-origin.ts";

/**
 * What the proxy does with a CONNECT:
 * - `tunnel`: opens it, after the log-in when `credentials` are set
 * - `offer`: always 407, with the challenges given
 * - `answer`: writes the bytes given and leaves the connection open
 * - `silent`: reads and says nothing
 * - `close`: ends the connection instead of an answer
 * - `drip`: one byte of an answer every 20 ms, without end
 * - `endless-header`: a header that does not end
 * - `silent-tunnel`: says 200 and then swallows everything
 */
export type ProxyMode =
  | { kind: "tunnel"; credentials?: { user: string; password: string } }
  | { kind: "offer"; challenges: readonly string[] }
  | { kind: "answer"; bytes: string }
  | { kind: "silent" | "close" | "drip" | "endless-header" | "silent-tunnel" };

export interface TestProxy {
  port: number;
  mode: ProxyMode;
  /** Heads of the CONNECTs received. */
  requests: string[];
  /** Cuts every connection that is open now. */
  cut(): void;
  close(): Promise<void>;
}

/** An HTTP proxy in this process, good and bad. `reroute` maps the authority asked for to where it really goes. */
export async function startProxy(mode: ProxyMode, reroute: (authority: string) => { host: string; port: number } = splitAuthority): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((socket) => {
    track(socket);
    let received = "";
    const onData = (chunk: Buffer) => {
      received += chunk.toString("latin1");
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = received.slice(0, end);
      received = received.slice(end + 4);
      proxy.requests.push(head);
      if (respond(socket, head)) socket.off("data", onData);
    };
    socket.on("data", onData);
  });

  /** True when the socket has become a tunnel. */
  const respond = (socket: Socket, head: string): boolean => {
    switch (proxy.mode.kind) {
      case "tunnel": {
        const { credentials } = proxy.mode;
        if (credentials && !head.includes(`Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`)) {
          socket.write('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\n\r\n');
          return false;
        }
        const asked = /^CONNECT (\S+) HTTP/.exec(head)?.[1] ?? "";
        const onward = connect(reroute(asked), () => {
          socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
          socket.pipe(onward).pipe(socket);
        });
        track(onward);
        onward.on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
        onward.on("close", () => socket.destroy());
        socket.on("close", () => onward.destroy());
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
