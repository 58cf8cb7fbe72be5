import { randomBytes } from "node:crypto";
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
  denied: 4011,
  /** Leads to a log-in page (RFC 9110 section 15.4.3). */
  login: 4012,
  /** RFC 6585 section 6. */
  network: 4013,
  gatewayTimeout: 4014,
  /** As Squid says that it cannot find the name. */
  dnsFail: 4015,
  /** Privoxy's words. */
  noSuchDomain: 4016,
  /** A web server, which knows no CONNECT (RFC 9110 section 15.5.6). */
  webServer: 4017,
  /** A web server that knows nothing. */
  notFound: 4018,
  /** Asks for a log-in again and again. */
  basicAlways: 4019,
  /** A scheme that nobody has here. */
  bearerOnly: 4020,
  /** RFC 7616 section 3.3: a nonce is required. */
  digestWithoutNonce: 4021,
  garbage: 4022,
  resets: 4023,
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
    case "garbage":
      socket.end(randomBytes(300));
      return;
    case "resets":
      socket.resetAndDestroy();
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
      return;
    default: {
      const [line, ...fields] = answers[kind] ?? [];
      const head = [`HTTP/1.1 ${line}`, ...fields, "Content-Length: 0", "Connection: close"];
      socket.end(`${head.join("\r\n")}\r\n\r\n`);
    }
  }
}

/** Status line and fields of those that only answer. */
const answers: Partial<Record<BadProxy, readonly string[]>> = {
  gateway: ["502 Bad Gateway"],
  denied: ["403 Forbidden"],
  login: ["302 Found", "Location: https://login.example.com/?id=1"],
  network: ["511 Network Authentication Required"],
  gatewayTimeout: ["504 Gateway Timeout"],
  dnsFail: ["503 Service Unavailable", "X-Squid-Error: ERR_DNS_FAIL 0"],
  noSuchDomain: ["404 No such domain"],
  webServer: ["405 Method Not Allowed", "Allow: GET, HEAD"],
  notFound: ["404 Not Found"],
  basicAlways: ["407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="corp"'],
  bearerOnly: ["407 Proxy Authentication Required", 'Proxy-Authenticate: Bearer realm="corp"'],
  digestWithoutNonce: [
    "407 Proxy Authentication Required",
    'Proxy-Authenticate: Digest realm="corp", qop="auth"',
  ],
};

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
