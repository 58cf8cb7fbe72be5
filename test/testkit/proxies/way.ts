import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import {
  openPath,
  type PathOptions,
  type PathProbe,
  type ProxyOptions,
  probePath,
} from "../../../src/transport/path.ts";
import type { ProxyAuthentication } from "../../../src/transport/proxy/authentication.ts";
import { patientMs } from "../patience.ts";
import { makeTestAuthority, type TestAuthority } from "./certificates.ts";
import { closeAll, type Origin, startOrigin } from "./origin.ts";
import { patientLimits } from "./patient-limits.ts";
import { type ProxyMode, startProxy, type TestProxy } from "./proxy.ts";

export const platformUrl = new URL("https://platform.example.org");

/**
 * A platform with a certificate for platform.example.org, and the means to reach it through a
 * proxy.
 */
export interface Destination {
  origin: Origin;
  authority: TestAuthority;
  /** Goes there once and hangs up. */
  probe(proxy: ProxyOptions | null, more?: Partial<PathOptions>, url?: URL): Promise<PathProbe>;
  /** Connects, requests a page and hangs up. Returns the page. */
  fetch(proxy: ProxyOptions): Promise<string>;
}

export async function startDestination(): Promise<Destination> {
  const authority = await makeTestAuthority();
  const origin = await startOrigin(
    await authority.issue(["platform.example.org"]),
    (_, reply) => void reply.end("the page"),
  );
  const options = (proxy: ProxyOptions | null): PathOptions => ({
    proxy,
    trust: { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  });
  return {
    origin,
    authority,
    probe: (proxy, more = {}, url = platformUrl) =>
      probePath(url, {
        ...options(proxy),
        ...more,
        limits: { ...patientLimits, ...more.limits },
      }),
    fetch: async (proxy) => {
      const { socket } = await openPath(
        { host: platformUrl.hostname, port: 443 },
        options(proxy),
        [],
      );
      socket.write(`GET / HTTP/1.1\r\nHost: ${platformUrl.host}\r\nConnection: close\r\n\r\n`);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}

export interface Way extends Destination {
  proxy: TestProxy;
  /** The proxy of this way, with a way to log in. */
  through(authentication: ProxyAuthentication): ProxyOptions;
  close(): Promise<void>;
}

/** A platform behind an HTTP proxy that behaves as `mode`. */
export async function startWay(mode: ProxyMode): Promise<Way> {
  const destination = await startDestination();
  const proxy = await startProxy(mode, () => ({
    host: "127.0.0.1",
    port: destination.origin.port,
  }));
  return {
    ...destination,
    proxy,
    through: (authentication) => ({ host: "proxy.example.org", port: proxy.port, authentication }),
    close: async () => {
      await proxy.close();
      await destination.origin.close();
    },
  };
}

/**
 * Turns the event loop until `met`: for effects that come by themselves a moment later, such as the
 * end of a connection.
 */
export async function until(met: () => boolean, limitMs = patientMs): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!met()) {
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms`);
    await setImmediate();
  }
}

/**
 * A free port of 127.0.0.1, for programs that cannot choose one themselves. It lies below those
 * that the system hands out by itself (net.ipv4.ip_local_port_range begins at 32768): else the many
 * servers of tests beside this one could get it before the program does, and answer in its place.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = randomInt(10_000, 32_000);
    const taken = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(true));
      server.listen(port, "127.0.0.1", () => resolve(false));
    });
    if (taken) continue;
    await closeAll(server, []);
    return port;
  }
}

/** Waits until a program takes connections on a port of 127.0.0.1. */
export async function listening(port: number, limitMs = patientMs): Promise<void> {
  const endMs = performance.now() + limitMs;
  const taken = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
  while (!(await taken()))
    if (performance.now() > endMs)
      throw new Error(`nothing listens on port ${port} after ${limitMs} ms`);
}
