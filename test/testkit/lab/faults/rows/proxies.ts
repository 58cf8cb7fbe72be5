import { hosts } from "../../../../../image/lab/addresses.ts";
import { proxyPorts } from "../../../../../image/lab/peers-proxies.ts";
import type { ErrorCode } from "../../../../../src/base/messages/error-codes.ts";
import type { NetworkFault, ProxyWish, Remedy } from "../fault.ts";
import type { NetworkName } from "../networks.ts";
import { tlsProxyPorts } from "../ports.ts";
import { bad, http, open, socks, withLogin } from "../proxy-wishes.ts";
import { on, proxySet, ruleAllowed, rulesGone } from "../remedies.ts";
import { forward, to } from "../rules.ts";

const alone = ["IPv4", "IPv6-only"] as const;
const through = (
  name: string,
  proxy: ProxyWish,
  check: string,
  code: ErrorCode,
  remedy?: Remedy,
  networks: readonly NetworkName[] = ["IPv4"],
): NetworkFault[] => on(networks, { name, proxy, agent: code, doctor: `${check} ${code}`, remedy });
const reach = "proxy";
const tunnel = "proxy:connect";

/** Reaching the proxy. */
export const proxyFaults: readonly NetworkFault[] = [
  ...on(["IPv4", "IPv6-only", "dual"], {
    name: "proxy's firewall drops",
    proxy: open,
    rules: forward(to("proxy", "tcp dport 3128 drop")),
    agent: "proxy-unreachable",
    doctor: "proxy proxy-unreachable",
    remedy: ruleAllowed,
  }),
  ...on(["IPv4"], {
    name: "proxy's firewall drops, while connected",
    proxy: open,
    rules: forward(to("proxy", "drop")),
    whileConnected: true,
    agent: "proxy-unreachable",
    doctor: "proxy proxy-unreachable",
  }),
  ...on(["IPv4"], {
    name: "proxy's firewall resets",
    proxy: open,
    rules: forward(to("proxy", "tcp dport 3128 reject with tcp reset")),
    agent: "proxy-unreachable",
    doctor: "proxy proxy-unreachable",
  }),
  ...on(alone, {
    name: "a firewall prohibits the way to the proxy by ICMP",
    proxy: open,
    rules: forward(to("proxy", "tcp dport 3128 reject with icmpx admin-prohibited")),
    agent: "proxy-unreachable",
    doctor: "proxy proxy-unreachable",
  }),
  ...through(
    "nothing listens at the proxy's port",
    http(4999),
    reach,
    "proxy-unreachable",
    proxySet("the port was corrected on the Proxy screen", open),
    alone,
  ),
  ...through(
    "no machine has the proxy's address",
    http(3128, { host: "198.51.100.99" }),
    reach,
    "proxy-unreachable",
    proxySet(
      "the address was corrected on the Proxy screen",
      http(3128, { host: hosts.proxy.address }),
    ),
  ),
  ...through(
    "proxy's name unknown",
    http(3128, { host: "nowhere.outrider.test" }),
    reach,
    "proxy-unresolved",
    proxySet("the name was corrected on the Proxy screen", open),
    alone,
  ),
  ...through("proxy hangs up", bad("close"), tunnel, "proxy-protocol"),
  ...through("proxy resets", bad("resets"), tunnel, "proxy-protocol"),
  ...through("proxy silent", bad("silent"), tunnel, "proxy-silent", undefined, alone),
  ...through("proxy answers drop by drop", bad("drips"), tunnel, "proxy-silent"),
  ...through("proxy answers with a web page", bad("page"), tunnel, "proxy-protocol"),
  ...through("proxy answers noise", bad("garbage"), tunnel, "proxy-protocol"),
  ...through(
    "a web server, not a proxy (404)",
    bad("notFound"),
    tunnel,
    "proxy-protocol",
    proxySet("the port was corrected on the Proxy screen", open),
  ),
  ...through("proxy denies CONNECT (403)", bad("denied"), tunnel, "proxy-denied"),
  ...through("proxy knows no CONNECT (405)", bad("webServer"), tunnel, "proxy-denied"),
  ...through("proxy leads to a log-in page (302)", bad("login"), tunnel, "proxy-login-page"),
  ...through("the network wants a log-in (511)", bad("network"), tunnel, "proxy-login-page"),
  ...through("proxy reaches nothing (502)", bad("gateway"), tunnel, "proxy-target-unreachable"),
  ...through(
    "proxy's way times out (504)",
    bad("gatewayTimeout"),
    tunnel,
    "proxy-target-unreachable",
  ),
  ...through(
    "proxy does not find the name (503, Squid's words)",
    bad("dnsFail"),
    tunnel,
    "proxy-target-unknown",
  ),
  ...through(
    "proxy does not find the name (404, Privoxy's words)",
    bad("noSuchDomain"),
    tunnel,
    "proxy-target-unknown",
  ),
  ...on(alone, {
    name: "squid cannot reach the platform",
    proxy: open,
    rules: { platform: { input: "tcp dport 443 reject with tcp reset" } },
    agent: "proxy-target-unreachable",
    doctor: "proxy:connect proxy-target-unreachable",
    remedy: rulesGone("the proxy team opened the proxy's way to the platform"),
  }),
  ...through("proxy swallows the tunnel", bad("swallows"), "tls", "tls-silent"),
  ...through("proxy cuts the tunnel", bad("cuts"), "tls", "tls-failed"),
  ...through(
    "a SOCKS proxy is set as an HTTP proxy",
    http(proxyPorts.socks),
    tunnel,
    "proxy-protocol",
    proxySet("the proxy's kind was corrected on the Proxy screen", socks(proxyPorts.socks)),
  ),
  ...through(
    "a TLS proxy is spoken to without TLS",
    http(proxyPorts.tls),
    tunnel,
    "proxy-protocol",
  ),
  ...through(
    "a proxy without TLS is spoken to with TLS",
    http(proxyPorts.open, { tls: true }),
    "proxy:tls",
    "proxy-tls-failed",
    proxySet("the proxy was set without TLS", open),
  ),
  ...through(
    "the TLS proxy's issuer is not trusted",
    { ...withLogin("tls", "basic", { tls: true }), trusted: false },
    "proxy:tls",
    "proxy-tls-untrusted",
    proxySet(
      "the CA certificate of the proxy's issuer was added",
      withLogin("tls", "basic", { tls: true }),
    ),
  ),
  ...through(
    "the TLS proxy's certificate is for another name",
    withLogin("tls", "basic", { tls: true, port: tlsProxyPorts.otherName }),
    "proxy:tls",
    "proxy-tls-name-mismatch",
  ),
  ...through(
    "the TLS proxy's certificate is for its name, and it is set by its address",
    withLogin("tls", "basic", { tls: true, host: hosts.proxy.address }),
    "proxy:tls",
    "proxy-tls-name-mismatch",
    proxySet(
      "the proxy was set by the name that its certificate has",
      withLogin("tls", "basic", { tls: true }),
    ),
  ),
  ...through(
    "the TLS proxy's certificate has expired",
    withLogin("tls", "basic", { tls: true, port: tlsProxyPorts.expired }),
    "proxy:tls",
    "proxy-tls-expired",
  ),
];
