import { segments } from "../../../../../image/lab/addresses.ts";
import { advertisedLifetime0, cableOut, cardOut, lease, noServers } from "../acts.ts";
import type { NetworkFault } from "../fault.ts";
import { nobody4 } from "../networks.ts";
import { open } from "../proxy-wishes.ts";
import { networkSet, on, rulesGone, undone } from "../remedies.ts";
import { dnsPackets, forward } from "../rules.ts";

const alone = ["IPv4", "IPv6-only"] as const;
const lan = (check: string, code: string) => `${check}:lan ${code}`;
const wan = (check: string, code: string) => `${check}:wan ${code}`;

/** The appliance's own side: cable, card, lease, addresses, gateway. */
export const localFaults: readonly NetworkFault[] = [
  ...on(["IPv4", "IPv6-only", "IPv4 static"], {
    name: "the cable is out",
    acts: [cableOut("eth0")],
    agent: "no-route",
    doctor: lan("link", "link-down"),
    remedy: undone("'connected' was ticked for this adapter"),
  }),
  ...on(["IPv4"], {
    name: "the card is out",
    acts: [cardOut("eth0")],
    agent: "no-route",
    doctor: lan("link", "interface-missing"),
    remedy: undone("the adapter was added again"),
  }),
  ...on(["IPv4"], {
    name: "no DHCP server answers",
    acts: [noServers("eth0")],
    agent: "no-route",
    doctor: lan("address", "no-address"),
    remedy: networkSet("a static address was set on the Network screen", "IPv4 static"),
  }),
  ...on(["IPv6-only"], {
    name: "no router advertises itself",
    acts: [noServers("eth0")],
    agent: "no-route",
    doctor: lan("address", "no-address"),
    remedy: networkSet("a static address was set on the Network screen", "IPv6-only static"),
  }),
  ...on(["IPv4"], {
    name: "the lease has no router (option 3)",
    acts: [lease({ "option:router": "" })],
    agent: "no-route",
    doctor: lan("gateway", "lease-without-gateway"),
    remedy: networkSet("a static address with its gateway was set", "IPv4 static"),
  }),
  ...on(["IPv4"], {
    name: "the lease has routes without a default (option 121), and option 3",
    acts: [lease({ "121": `203.0.113.0/24,${segments.lan.gateway}` })],
    agent: "no-route",
    doctor: lan("gateway", "lease-without-gateway"),
    remedy: networkSet("a static address with its gateway was set", "IPv4 static"),
  }),
  ...on(["IPv4"], {
    name: "the lease's router is none",
    acts: [lease({ "option:router": nobody4, "option:dns-server": segments.wan.gateway })],
    agent: "dns-silent",
    doctor: lan("gateway", "gateway-silent"),
    remedy: networkSet("a static address with the right gateway was set", "IPv4 static"),
  }),
  ...on(["IPv4"], {
    name: "the lease has no DNS server",
    acts: [lease({ "option:dns-server": "" })],
    agent: "dns-no-server",
    doctor: "dns:none dns-no-server",
    remedy: networkSet("a DNS server was set on the Network screen", "IPv4 static"),
  }),
  ...on(["IPv4"], {
    name: "the lease's DNS server is none",
    acts: [lease({ "option:dns-server": nobody4 })],
    agent: "dns-silent",
    doctor: "dns:* dns-silent",
  }),
  ...on(["IPv6-only"], {
    name: "the router says that it is no default router (lifetime 0)",
    acts: [advertisedLifetime0],
    agent: "no-route",
    doctor: lan("gateway", "router-not-default"),
    remedy: networkSet("a static IPv6 address with its gateway was set", "IPv6-only static"),
  }),
  ...on(["static, gateway that nobody has"], {
    name: "the gateway's address is wrong",
    agent: "dns-silent",
    doctor: lan("gateway", "gateway-silent"),
    remedy: networkSet("the gateway was corrected on the Network screen", "IPv4 static"),
  }),
  ...on(["IPv6-only static, gateway that nobody has"], {
    name: "the gateway's address is wrong",
    agent: "dns-silent",
    doctor: lan("gateway", "gateway-silent"),
    remedy: networkSet("the gateway was corrected on the Network screen", "IPv6-only static"),
  }),
  ...on(["static, network of another place"], {
    name: "the address is of another network",
    agent: "dns-silent",
    doctor: lan("gateway", "gateway-silent"),
    remedy: networkSet("address and gateway were corrected on the Network screen", "IPv4 static"),
  }),
  ...on(alone, {
    name: "the gateway forwards nothing, not even what it is asked itself",
    rules: { router: { input: "iifname lan meta l4proto { tcp, udp } drop", forward: "drop" } },
    agent: "dns-silent",
    doctor: "dns:* dns-silent",
  }),
];

const direct = "ip saddr 198.51.100.100-198.51.100.199 tcp dport 443";

/** Split mode: the WAN leads to the platform, the LAN only scans. */
export const splitFaults: readonly NetworkFault[] = [
  ...on(["split", "split, static, dual"], {
    name: "WAN's cable is out",
    acts: [cableOut("eth1")],
    agent: "no-route",
    doctor: wan("link", "link-down"),
    remedy: undone("'connected' was ticked for this adapter"),
  }),
  ...on(["split", "split, static, dual"], {
    name: "LAN's cable is out: scans fail, calls do not",
    acts: [cableOut("eth0")],
    agent: null,
    doctor: lan("link", "link-down"),
  }),
  ...on(["split"], {
    name: "no DHCP server on WAN",
    acts: [noServers("eth1")],
    agent: "no-route",
    doctor: wan("address", "no-address"),
  }),
  ...on(["split"], {
    name: "no DHCP server on LAN: scans fail, calls do not",
    acts: [noServers("eth0")],
    agent: null,
    doctor: lan("address", "no-address"),
  }),
  ...on(["split, WAN gateway that nobody has"], {
    name: "WAN's gateway is wrong",
    agent: "dns-silent",
    doctor: wan("gateway", "gateway-silent"),
    remedy: networkSet("the gateway was corrected on the Network screen", "split, static, dual"),
  }),
  ...on(["split, WAN DNS server that nobody has"], {
    name: "WAN's DNS server is wrong",
    agent: "dns-silent",
    doctor: "dns:* dns-silent",
    remedy: networkSet("the DNS server was corrected on the Network screen", "split, static, dual"),
  }),
  ...on(["split"], {
    name: "firewall before the platform drops",
    rules: { platform: { input: `${direct} drop` } },
    agent: "connect-silent",
    doctor: "service:* connect-silent",
  }),
  ...on(["split"], {
    name: "firewall before the platform resets",
    rules: { platform: { input: `${direct} reject with tcp reset` } },
    agent: "connect-refused",
    doctor: "service:* connect-refused",
  }),
  ...on(["split, IPv6-only"], {
    name: "firewall before the platform drops",
    rules: { platform: { input: "ip6 saddr != 2001:db8:0:2::20 tcp dport 443 drop" } },
    agent: "connect-silent",
    doctor: "service:* connect-silent",
  }),
  ...on(["split"], {
    name: "half-open before the platform",
    rules: { platform: { input: `${direct} meta length > 100 drop` } },
    agent: "tls-silent",
    doctor: "tls tls-silent",
  }),
  ...on(["split", "split, static, dual", "split, IPv6-only"], {
    name: "WAN's DNS server silent",
    rules: {
      router: {
        input: `iifname wan ip saddr != { 198.51.100.10, 198.51.100.20 } ${dnsPackets} drop\n iifname wan ip6 saddr != { 2001:db8:0:2::10, 2001:db8:0:2::20 } ${dnsPackets} drop`,
      },
    },
    agent: "dns-silent",
    doctor: "dns:* dns-silent",
    remedy: rulesGone("the firewall team allowed port 53 to the DNS server shown"),
  }),
  ...on(["split"], {
    name: "WAN's DNS server refuses",
    dns: "refuses",
    agent: "dns-refused",
    doctor: "dns:* dns-refused",
  }),
  ...on(["split"], {
    name: "the proxy on WAN is down",
    proxy: open,
    rules: { proxy: { input: `ip saddr 198.51.100.100-198.51.100.199 tcp dport 3128 drop` } },
    agent: "proxy-unreachable",
    doctor: "proxy proxy-unreachable",
  }),
  ...on(["split"], {
    name: "the router between LAN and WAN forwards nothing",
    rules: forward("drop"),
    agent: null,
    doctor: null,
  }),
];
