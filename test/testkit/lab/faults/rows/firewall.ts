import type { NetworkFault } from "../fault.ts";
import { portalPorts } from "../ports.ts";
import { on, ruleAllowed, rulesGone } from "../remedies.ts";
import { forward, from, portal, to, toPlatform } from "../rules.ts";

const everywhere = ["IPv4", "IPv6-only", "dual"] as const;
const alone = ["IPv4", "IPv6-only"] as const;
const path = (code: string) => `service:* ${code}`;

/** What firewalls, routers and inspecting devices do to a connection that goes directly. */
export const firewallFaults: readonly NetworkFault[] = [
  ...on(everywhere, {
    name: "firewall drops",
    rules: forward(toPlatform("drop")),
    agent: "connect-silent",
    doctor: path("connect-silent"),
    remedy: ruleAllowed,
  }),
  ...on(alone, {
    name: "firewall drops, while connected",
    rules: forward(to("platform", "drop")),
    whileConnected: true,
    agent: "connect-silent",
    doctor: path("connect-silent"),
  }),
  ...on(["IPv4"], {
    name: "firewall drops what comes back",
    rules: forward(from("platform", "tcp sport 443 drop")),
    agent: "connect-silent",
    doctor: path("connect-silent"),
  }),
  ...on(everywhere, {
    name: "firewall resets",
    rules: forward(toPlatform("reject with tcp reset")),
    agent: "connect-refused",
    doctor: path("connect-refused"),
    remedy: ruleAllowed,
  }),
  ...on(["IPv4"], {
    name: "firewall resets, while connected",
    rules: forward(toPlatform("reject with tcp reset")),
    whileConnected: true,
    agent: "connect-refused",
    doctor: path("connect-refused"),
  }),
  // RFC 1812 section 5.2.7.1 and RFC 4443 section 3.1: what a firewall or router may answer.
  ...on(alone, {
    name: "firewall rejects by ICMP: port unreachable",
    rules: forward(toPlatform("reject")),
    agent: "connect-refused",
    doctor: path("connect-refused"),
  }),
  ...on(everywhere, {
    name: "firewall rejects by ICMP: administratively prohibited",
    rules: forward(toPlatform("reject with icmpx admin-prohibited")),
    agent: "connect-unreachable",
    doctor: path("connect-unreachable"),
    remedy: ruleAllowed,
  }),
  ...on(alone, {
    name: "router has no route: ICMP network unreachable",
    rules: forward(toPlatform("reject with icmpx no-route")),
    agent: "connect-unreachable",
    doctor: path("connect-unreachable"),
  }),
  ...on(alone, {
    name: "router finds no host: ICMP host unreachable",
    rules: forward(toPlatform("reject with icmpx host-unreachable")),
    agent: "connect-unreachable",
    doctor: path("connect-unreachable"),
  }),
  ...on(["IPv4"], {
    name: "firewall prohibits by ICMP, sparingly",
    // Below what Linux itself allows a sender, which depends on what was rejected before.
    rules: forward(
      `${toPlatform("limit rate 2/second burst 1 packets reject with icmpx admin-prohibited")}\n ${toPlatform("drop")}`,
    ),
    agent: "connect-unreachable",
    doctor: path("connect-unreachable"),
  }),
  ...on(alone, {
    name: "half-open: connects, then nothing passes",
    rules: forward(to("platform", "tcp dport 443 meta length > 100 drop")),
    agent: "tls-silent",
    doctor: "tls tls-silent",
    remedy: ruleAllowed,
  }),
  ...on(["IPv4"], {
    name: "half-open: nothing comes back",
    // All that carries data: 20 bytes of IP and 32 of TCP with its timestamps.
    rules: forward(from("platform", "tcp flags & syn == 0 meta length > 52 drop")),
    agent: "tls-silent",
    doctor: "tls tls-silent",
  }),
  ...on(["IPv4"], {
    name: "something takes the connection and says nothing",
    rules: portal(portalPorts.nothing),
    agent: "tls-silent",
    doctor: "tls tls-silent",
  }),
  ...on(everywhere, {
    name: "MTU black hole, large packets down",
    rules: forward(from("platform", "meta length > 1400 drop")),
    agent: "tls-silent",
    doctor: "tls path-mtu",
  }),
  ...on(["IPv4"], {
    name: "MTU black hole of 1400 bytes, both ways",
    rules: forward(
      `${from("platform", "meta length > 1400 drop")}\n ${to("platform", "meta length > 1400 drop")}`,
    ),
    agent: "tls-silent",
    doctor: "tls path-mtu",
    remedy: { done: "a smaller MTU, 1400, was set for this network", network: "MTU 1400" },
  }),
  ...on(["IPv4"], {
    name: "MTU black hole of 600 bytes, both ways",
    rules: forward(
      `${to("platform", "meta length > 600 drop")}\n ${from("platform", "meta length > 600 drop")}`,
    ),
    agent: "tls-silent",
    doctor: "tls path-mtu",
    remedy: rulesGone("the firewall let ICMP (fragmentation needed) through, so nothing was lost"),
  }),
  ...on(["IPv4", "IPv6-only"], {
    name: "inspecting device resets every ClientHello",
    rules: portal(portalPorts.resets),
    agent: "tls-failed",
    doctor: "tls tls-failed",
  }),
];

/** Survived: nothing fails, though something is in the way. */
export const survivedFaults: readonly NetworkFault[] = [
  ...on(alone, {
    name: "a kept connection is forgotten",
    rules: forward("ct mark 0x1 drop"),
    whileConnected: true,
    agent: null,
    doctor: null,
  }),
  ...on(["IPv4"], {
    name: "MTU black hole, large packets up",
    rules: forward(to("platform", "meta length > 1280 drop")),
    agent: null,
    doctor: null,
  }),
  ...on(["IPv4", "IPv6-only"], {
    name: "device swallows a large ClientHello",
    rules: portal(portalPorts.helloSwallows),
    agent: null,
    doctor: null,
    warning: "tls-hello-large",
  }),
  ...on(["IPv4"], {
    name: "device resets a large ClientHello",
    rules: portal(portalPorts.helloResets),
    agent: null,
    doctor: null,
    warning: "tls-hello-large",
  }),
  ...on(["dual"], {
    name: "IPv6 alone is dropped",
    rules: forward("meta nfproto ipv6 tcp dport 443 drop"),
    agent: null,
    doctor: null,
  }),
  ...on(["dual"], {
    name: "IPv4 alone is dropped",
    rules: forward("meta nfproto ipv4 tcp dport 443 drop"),
    agent: null,
    doctor: null,
  }),
];
