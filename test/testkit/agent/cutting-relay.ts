import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A seeded source of numbers in [0, 1) (mulberry32), so that a run can be repeated. */
export function seededFractions(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface CuttingRelay {
  port: number;
  /** The port behind it. */
  targetPort: number;
  /**
   * Share of the requests that are cut: before they get through, in their middle, or after them and
   * before the answer.
   */
  cutShare: number;
  readonly requests: number;
  readonly cuts: number;
  /** Resolves when `count` more requests have begun. */
  afterRequests(count: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A TCP relay between two processes on 127.0.0.1 that breaks some connections, as networks do. */
export async function startCuttingRelay(fraction: () => number): Promise<CuttingRelay> {
  const sockets = new Set<Socket>();
  const waiters = new Set<{ at: number; wake(): void }>();
  const relay = { port: 0, targetPort: 0, cutShare: 0, requests: 0, cuts: 0 };
  const server = createServer((client) => {
    const upstream = connect(relay.targetPort, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    const cut = () => {
      relay.cuts++;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    /** A request begins with the first bytes of the client after some of the server. */
    let answered = true;
    let cutsAnswer = false;
    client.on("data", (bytes: Buffer) => {
      let begins = false;
      if (answered) {
        answered = false;
        begins = true;
        relay.requests++;
        for (const waiter of waiters) if (relay.requests >= waiter.at) waiter.wake();
      }
      if (begins && fraction() < relay.cutShare) {
        const how = fraction();
        if (how < 1 / 3) return cut();
        if (how < 2 / 3) {
          upstream.write(bytes.subarray(0, bytes.length / 2));
          return cut();
        }
        cutsAnswer = true;
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes: Buffer) => {
      answered = true;
      if (cutsAnswer) return cut();
      client.write(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  relay.port = (server.address() as AddressInfo).port;
  return Object.assign(relay, {
    afterRequests: (count: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const waiter = {
          at: relay.requests + count,
          wake: () => {
            waiters.delete(waiter);
            resolve();
          },
        };
        waiters.add(waiter);
        signal.addEventListener("abort", waiter.wake, { once: true });
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
