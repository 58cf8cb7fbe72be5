import { connect, createServer, type Socket } from "node:net";

/**
 * A program for the lab's host `proxy`: proxies that misbehave, each on a port of the first
 * argument's address. They connect every tunnel to the host and port of the second argument.
 */
export const badProxyPorts = {
  /** Hangs up instead of an answer. */
  close: 4001,
  /** Takes the connection and sends nothing. */
  silent: 4002,
  /** Answers after two seconds. */
  slow: 4003,
  /** Answers CONNECT with a web page. */
  page: 4004,
  /** A tunnel that is idle for a second is closed. */
  idleCloses: 4005,
  /** A tunnel that was idle for a second discards all further data, and sends nothing. */
  idleForgets: 4006,
  /** Answers 200 and discards all data. */
  swallows: 4007,
  /** One byte of an answer a second. */
  drips: 4008,
  /** Cuts the tunnel after the first 600 bytes of the other side. */
  cuts: 4009,
  /** A gateway that cannot reach anything. */
  gateway: 4010,
} as const;
export type BadProxy = keyof typeof badProxyPorts;

const idleMs = 1000;
const hello = "HTTP/1.1 200 Connection established\r\n\r\n";

function behave(kind: BadProxy, socket: Socket, onwards: { host: string; port: number }): void {
  const html = "<html><body>Please accept the terms of use</body></html>";
  switch (kind) {
    case "close":
      socket.end();
      return;
    case "silent":
      return;
    case "slow":
      setTimeout(() => tunnel(socket, onwards), 2000);
      return;
    case "page":
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${html.length}\r\n\r\n${html}`,
      );
      return;
    case "swallows":
      socket.write(hello);
      return;
    case "drips": {
      const timer = setInterval(() => socket.write("H"), 1000);
      socket.write("HTTP/1.1 200 ");
      socket.on("close", () => clearInterval(timer));
      return;
    }
    case "gateway":
      socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
      return;
    case "cuts": {
      let passed = 0;
      tunnel(socket, onwards, (chunk) => {
        passed += chunk.length;
        if (passed > 600) socket.destroy();
      });
      return;
    }
    case "idleCloses":
    case "idleForgets":
      tunnel(
        socket,
        onwards,
        () => undefined,
        (onward) => {
          if (kind === "idleCloses") {
            socket.destroy();
            return;
          }
          onward.unpipe(socket);
          socket.unpipe(onward);
          socket.resume();
        },
      );
  }
}

function tunnel(
  socket: Socket,
  onwards: { host: string; port: number },
  onData: (chunk: Buffer) => void = () => undefined,
  onIdle?: (onward: Socket) => void,
): void {
  const onward = connect(onwards, () => {
    socket.write(hello);
    socket.pipe(onward).pipe(socket);
  });
  onward.on("data", onData);
  onward.on("error", () => socket.destroy());
  onward.on("close", () => socket.destroy());
  socket.on("close", () => onward.destroy());
  if (onIdle) socket.setTimeout(idleMs, () => onIdle(onward));
}

const [address, host, port] = process.argv.slice(2);
if (process.argv[1]?.endsWith("bad-proxies.ts") && address && host && port) {
  const kinds: [string, number][] = Object.entries(badProxyPorts);
  await Promise.all(
    kinds.map(
      ([kind, listenPort]) =>
        new Promise<void>((resolve) => {
          const server = createServer((socket) => {
            socket.on("error", () => socket.destroy());
            let received = "";
            const onData = (chunk: Buffer) => {
              received += chunk.toString("latin1");
              if (!received.includes("\r\n\r\n")) return;
              socket.off("data", onData);
              if (isBadProxy(kind)) behave(kind, socket, { host, port: Number(port) });
            };
            socket.on("data", onData);
            // Reading notices a client that hangs up, also while its data is ignored.
            socket.resume();
          });
          server.listen(listenPort, address, resolve);
        }),
    ),
  );
  process.stdout.write("bad proxies listen\n");
}

function isBadProxy(kind: string): kind is BadProxy {
  return Object.hasOwn(badProxyPorts, kind);
}
