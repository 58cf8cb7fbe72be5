import { createServer } from "node:http";
import type { ExecutionContext } from "ava";
import { systemClock } from "../../../src/base/clock.ts";
import type { Credential } from "../../../src/base/credential.ts";
import { OutriderError } from "../../../src/base/messages/error.ts";
import { systemRandom } from "../../../src/base/random.ts";
import type { ProxySettings } from "../../../src/settings/model/schema.ts";
import type { HttpTransport } from "../../../src/transport/http-transport.ts";
import type { Route } from "../../../src/transport/routes/routes.ts";
import type { TlsFacts } from "../../../src/transport/stages/certificate.ts";
import type { Resolve } from "../../../src/transport/stages/resolve.ts";
import { type KnownAuthorities, Uplink, type UplinkParts } from "../../../src/transport/uplink.ts";
import { patientMs } from "../patience.ts";
import { closeAll, listen, portOf } from "./origin.ts";
import { patientLimits, patientPacLimits } from "./patient-limits.ts";

/** Names of tests: all of them are this machine. */
export const loopback: Resolve = async (name) => {
  if (name.startsWith("nowhere")) throw new OutriderError("dns-not-found", { detail: name });
  return ["127.0.0.1"];
};

export interface UplinkSeen {
  routes: Route[];
  tls: TlsFacts[];
}

/** The uplink of these settings, and the routes that connections took. */
export function openUplink(
  t: ExecutionContext,
  settings: {
    proxy: ProxySettings;
    password?: Credential;
    trusted?: readonly string[];
    platform?: KnownAuthorities | null;
  },
  parts: Partial<UplinkParts> = {},
): { transport: HttpTransport; seen: UplinkSeen } {
  const seen: UplinkSeen = { routes: [], tls: [] };
  const uplink = new Uplink(
    { proxy: settings.proxy, trustedCertificates: settings.trusted ?? [] },
    settings.password ?? null,
    {
      clock: systemClock,
      random: systemRandom,
      resolve: loopback,
      limits: patientLimits,
      pacLimits: patientPacLimits,
      ...parts,
    },
  );
  const transport = uplink.transport(settings.platform ?? null, (_, __, tls, route) => {
    if (tls) seen.tls.push(tls);
    if (route) seen.routes.push(route);
  });
  t.teardown(() => transport.close());
  return { transport, seen };
}

export async function get(transport: HttpTransport, url: URL): Promise<string> {
  const reply = await transport.request({
    method: "GET",
    url,
    headers: {},
    content: new Uint8Array(),
    limitMs: patientMs,
  });
  return Buffer.from(reply.content).toString("utf8");
}

export interface PacServer {
  url: string;
  /** The answer: a script, null for 404, or a URL to redirect to. */
  script: string | URL | null;
  fetches: number;
  close(): Promise<void>;
}

export async function startPacServer(script: string): Promise<PacServer> {
  const server = createServer((_, reply) => {
    pac.fetches++;
    if (pac.script instanceof URL) reply.writeHead(302, { location: pac.script.href }).end();
    else if (pac.script === null) reply.writeHead(404).end();
    else
      reply.writeHead(200, { "content-type": "application/x-ns-proxy-autoconfig" }).end(pac.script);
  });
  const pac: PacServer = { url: "", script, fetches: 0, close: () => closeAll(server, []) };
  await listen(server);
  pac.url = `http://wpad.example.org:${portOf(server.address())}/proxy.pac`;
  return pac;
}
