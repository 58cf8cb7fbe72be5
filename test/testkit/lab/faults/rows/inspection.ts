import { proxyPorts } from "../../../../../image/lab/peers-proxies.ts";
import type { ErrorCode } from "../../../../../src/base/messages/error-codes.ts";
import type { NetworkFault, ProxyWish, Remedy } from "../fault.ts";
import { bad, http, open, pac } from "../proxy-wishes.ts";
import { on, proxySet } from "../remedies.ts";
import { forward, to } from "../rules.ts";

const script = (name: string, proxy: ProxyWish, check: string, code: ErrorCode, remedy?: Remedy) =>
  on(["IPv4"], { name, proxy, agent: code, doctor: `${check} ${code}`, remedy });
const byHand = proxySet("the proxy was set by hand on the Proxy screen", open);

/** PAC files that cannot be had or used. */
export const pacFaults: readonly NetworkFault[] = [
  ...script(
    "PAC file: 404",
    pac("missing.pac"),
    "proxy:pac",
    "proxy-pac-unreachable",
    proxySet("the PAC file's address was corrected on the Proxy screen", pac("right.pac")),
  ),
  ...script("PAC file: a web page", pac("page.pac"), "proxy:pac", "proxy-pac-unreachable"),
  ...script(
    "PAC file: its server's name is unknown",
    pac("right.pac", "wpad.outrider.test"),
    "proxy:pac",
    "proxy-pac-unreachable",
  ),
  ...script(
    "PAC file: no machine has its server's address",
    pac("right.pac", "198.51.100.99"),
    "proxy:pac",
    "proxy-pac-unreachable",
  ),
  ...on(["IPv4"], {
    name: "PAC file: a firewall drops",
    proxy: pac("right.pac"),
    rules: forward(to("proxy", "tcp dport 80 drop")),
    agent: "proxy-pac-unreachable",
    doctor: "proxy:pac proxy-pac-unreachable",
  }),
  ...script(
    "PAC file with a syntax fault",
    pac("syntax.pac"),
    "proxy:pac",
    "proxy-pac-failed",
    byHand,
  ),
  ...script("PAC file that throws", pac("fault.pac"), "proxy:pac", "proxy-pac-failed", byHand),
  ...script("PAC file without an end", pac("endless.pac"), "proxy:pac", "proxy-pac-failed", byHand),
  ...script(
    "PAC file that names only SOCKS4",
    pac("socks4.pac"),
    "proxy:pac",
    "proxy-pac-failed",
    byHand,
  ),
  ...script("PAC file whose only proxy is gone", pac("dead.pac"), "proxy", "proxy-unreachable"),
];

/** Proxies that open TLS. */
export const inspectionFaults: readonly NetworkFault[] = [
  ...on(["IPv4"], {
    name: "inspecting proxy, its authority is not added",
    proxy: http(proxyPorts.inspecting),
    agent: "tls-intercepted",
    doctor: "tls tls-intercepted",
    remedy: proxySet(
      "the CA certificate of the issuer shown was added under trusted certificates",
      http(proxyPorts.inspecting, {}, { trusted: true }),
    ),
  }),
  ...on(["IPv4"], {
    name: "inspecting proxy answers with a block page",
    proxy: http(proxyPorts.blocking, {}, { trusted: true }),
    agent: "service-block-page",
    doctor: "service:* service-block-page",
  }),
];

/** What proxies do that is survived. */
export const survivedProxies: readonly NetworkFault[] = [
  ...on(["IPv4"], { name: "proxy slow", proxy: bad("slow"), agent: null, doctor: null }),
  ...on(["IPv4"], {
    name: "proxy closes idle tunnels",
    proxy: bad("idleCloses"),
    whileConnected: true,
    agent: null,
    doctor: null,
  }),
  ...on(["IPv4"], {
    name: "proxy forgets idle tunnels",
    proxy: bad("idleForgets"),
    whileConnected: true,
    agent: null,
    doctor: null,
  }),
  ...on(["IPv4"], {
    name: "the first proxy of the PAC file is gone",
    proxy: pac("dead-then-right.pac"),
    agent: null,
    doctor: null,
  }),
  ...on(["IPv4"], {
    name: "inspecting proxy, its authority is added",
    proxy: http(proxyPorts.inspecting, {}, { trusted: true }),
    agent: null,
    doctor: null,
    warning: "tls-intercepted",
  }),
  ...on(["IPv4"], {
    name: "the proxy is gone, and it may be gone around",
    proxy: http(4999, { fallbackToDirect: true }),
    agent: null,
    doctor: null,
    warning: "proxy-unreachable",
  }),
];
