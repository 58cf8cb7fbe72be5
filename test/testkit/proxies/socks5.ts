import { connect, createServer, type Socket } from "node:net";
import { closeAll, listen, portOf } from "./origin.ts";

/**
 * The SOCKS5 proxy's behaviour:
 * - `serve`: connects, after user and password when `credentials` are set
 * - `method`: chooses this method and goes on with nothing
 * - `reply`: answers the request with this code
 * - `bytes`: answers the greeting with these bytes
 * - `drip`: serves, every byte of its answers by itself
 * - `silent`, `close`: no answer to the greeting
 */
export type SocksMode =
  | { kind: "serve"; credentials?: { user: string; password: string }; bound?: "name" | "ipv6" }
  | { kind: "method"; method: number }
  | { kind: "reply"; reply: number }
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "drip" | "silent" | "close" };

export interface SocksProxy {
  port: number;
  /** The requested hosts and ports in their form: `name platform.example.org 443`. */
  asked: string[];
  open(): number;
  close(): Promise<void>;
}

const boundAddresses = {
  ipv4: [1, 127, 0, 0, 1, 0, 80],
  ipv6: [4, ...Array<number>(15).fill(0), 1, 0, 80],
  name: [3, 5, ...Buffer.from("proxy"), 0, 80],
} as const;

/**
 * A SOCKS5 proxy (RFC 1928, RFC 1929) in this process, good and bad. `reroute` names another
 * target.
 */
export async function startSocksProxy(
  mode: SocksMode,
  reroute: () => { host: string; port: number },
): Promise<SocksProxy> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const asked: string[] = [];
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((socket) => {
    track(socket);
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
    serve(socket).catch(() => socket.destroy());
  });

  const serve = async (socket: Socket) => {
    if (mode.kind === "close") return void socket.resume().end();
    if (mode.kind === "silent") return void socket.resume();
    const { next, stop } = reader(socket);
    const answer = (bytes: readonly number[] | Uint8Array) => {
      if (mode.kind === "drip") for (const byte of bytes) socket.write(Buffer.from([byte]));
      else socket.write(Buffer.from(bytes));
    };
    const [version, count = 0] = await next(2);
    const methods = await next(count);
    if (version !== 5) return void socket.end();
    if (mode.kind === "bytes") return answer(mode.bytes);
    if (mode.kind === "method") return answer([5, mode.method]);
    const credentials = mode.kind === "serve" ? mode.credentials : undefined;
    const method = credentials ? 2 : 0;
    if (!methods.includes(method)) return answer([5, 0xff]);
    answer([5, method]);
    if (credentials) {
      const [, userLength = 0] = await next(2);
      const user = await next(userLength);
      const password = await next((await next(1))[0] ?? 0);
      const right =
        user.toString("utf8") === credentials.user &&
        password.toString("utf8") === credentials.password;
      answer([1, right ? 0 : 1]);
      if (!right) return void socket.end();
    }
    const [, command, , type = 0] = await next(4);
    const fixedLength = { 1: 4, 4: 16 }[type];
    const address = await next(fixedLength ?? (await next(1))[0] ?? 0);
    const port = (await next(2)).readUInt16BE(0);
    asked.push(`${shown(type, address)} ${port}`);
    if (mode.kind === "reply" || command !== 1)
      return answer([5, mode.kind === "reply" ? mode.reply : 7, 0, ...boundAddresses.ipv4]);
    const onward = connect(reroute());
    track(onward);
    onward.once("connect", () => {
      answer([5, 0, 0, ...boundAddresses[mode.kind === "serve" ? (mode.bound ?? "ipv4") : "ipv4"]]);
      stop();
      socket.pipe(onward).pipe(socket);
    });
    onward.on("close", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  };

  await listen(server);
  return {
    port: portOf(server.address()),
    asked,
    open: () => clients.size,
    close: () => closeAll(server, sockets),
  };
}

/** Reads a socket by counts of bytes, and notices its end. */
function reader(socket: Socket): { next(count: number): Promise<Buffer>; stop(): void } {
  let received = Buffer.alloc(0);
  let wake: () => void = () => undefined;
  let ended = false;
  const onData = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  };
  socket.on("data", onData);
  socket.on("close", () => {
    ended = true;
    wake();
  });
  const next = async (count: number) => {
    while (received.length < count) {
      if (ended) throw new Error("ended");
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const bytes = received.subarray(0, count);
    received = received.subarray(count);
    return bytes;
  };
  return { next, stop: () => void socket.off("data", onData) };
}

function shown(type: number, address: Buffer): string {
  if (type === 3) return `name ${address.toString("latin1")}`;
  return type === 1 ? `ipv4 ${address.join(".")}` : `ipv6 ${address.toString("hex")}`;
}
