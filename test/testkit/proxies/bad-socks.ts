import { createServer, type Socket } from "node:net";

/**
 * A program for the lab's host `proxy`: SOCKS proxies that refuse, each on a port of the first
 * argument's address. The replies are those of RFC 1928 section 6.
 */
export const badSocksPorts = {
  /** No acceptable method. */
  noMethods: 1090,
  /** General failure. */
  general: 1091,
  notAllowed: 1092,
  networkUnreachable: 1093,
  hostUnreachable: 1094,
  refused: 1095,
  noCommand: 1097,
  /** Address type not supported: takes no names. */
  noNames: 1098,
  /** Version 4 only: answers as SOCKS4 does. */
  version4: 1099,
  silent: 1100,
} as const;
export type BadSocks = keyof typeof badSocksPorts;

const firstReplyPort = 1090;

function behave(kind: BadSocks, port: number, socket: Socket): void {
  let greeted = false;
  socket.on("data", () => {
    if (kind === "silent") return;
    if (kind === "version4") return void socket.end(Buffer.from([0, 0x5b, 0, 0, 0, 0, 0, 0]));
    if (kind === "noMethods") return void socket.end(Buffer.from([5, 0xff]));
    if (greeted) socket.end(Buffer.from([5, port - firstReplyPort, 0, 1, 0, 0, 0, 0, 0, 0]));
    else socket.write(Buffer.from([5, 0]));
    greeted = true;
  });
}

const [address] = process.argv.slice(2);
if (process.argv[1]?.endsWith("bad-socks.ts") && address) {
  const kinds = Object.entries(badSocksPorts) as [BadSocks, number][];
  await Promise.all(
    kinds.map(
      ([kind, port]) =>
        new Promise<void>((resolve) => {
          const server = createServer((socket) => {
            socket.on("error", () => socket.destroy());
            behave(kind, port, socket);
          });
          server.listen({ port, host: address }, resolve);
        }),
    ),
  );
  process.stdout.write("bad SOCKS proxies listen\n");
}
