import { hosts } from "../../../../../image/lab/addresses.ts";
import { proxyPorts, proxyUser } from "../../../../../image/lab/peers-proxies.ts";
import { lease } from "../acts.ts";
import type { NetworkFault, ProxyWish } from "../fault.ts";
import type { World } from "../fault-lab.ts";
import type { NetworkName } from "../networks.ts";
import { http, open, pac, socks, withLogin } from "../proxy-wishes.ts";

const well = (name: string, network: NetworkName, proxy?: ProxyWish): NetworkFault => ({
  name,
  network,
  proxy,
  agent: null,
  doctor: null,
  healthy: true,
});

const elsewhere = (name: string, network: NetworkName, world: World): NetworkFault => ({
  ...well(name, network),
  world,
});

/** Networks that work: no check may fail or warn. */
export const healthyRows: readonly NetworkFault[] = [
  well("DHCP", "IPv4"),
  well("static", "IPv4 static"),
  well("IPv6-only by router advertisements", "IPv6-only"),
  well("IPv6-only, static", "IPv6-only static"),
  well("IPv6-only, a prefix of one host", "IPv6-only /128"),
  well("both families, automatic", "dual"),
  well("both families, static", "dual static"),
  well("a link of two hosts (RFC 3021)", "IPv4 /31"),
  well("a prefix of one host, its gateway on the link", "IPv4 /32, gateway on the link"),
  well("a gateway outside of the network, on the link", "IPv4 /28, gateway outside of it"),
  well("the least MTU of IPv4 hosts", "MTU 576"),
  well("the least MTU of IPv6", "MTU 1280, dual"),
  well("MTU 1400", "MTU 1400"),
  well("large frames, over a path that has none", "MTU 9000"),
  well("own DNS servers, one beyond the gateway", "own DNS servers beside the lease's"),
  {
    ...well("routes of the lease with a default among them (option 121)", "IPv4"),
    acts: [lease({ "121": "0.0.0.0/0,192.0.2.1,203.0.113.0/24,192.0.2.1" })],
  },
  { ...well("the lease has an MTU (option 26)", "IPv4"), acts: [lease({ "option:mtu": "1400" })] },
  well("split, by DHCP", "split"),
  well("split, static, both families", "split, static, dual"),
  well("split, IPv6-only", "split, IPv6-only"),
  well("split, through a proxy on WAN", "split", open),
  elsewhere("NAT64 and DNS64 are the only way to the platform", "IPv6-only", "nat64"),
  elsewhere("NAT64 and DNS64 beside IPv4", "dual", "nat64Dual"),
  elsewhere("no IPv4 anywhere, a link-local DNS server", "IPv6-only", "ipv6"),
  elsewhere("split, WAN with NAT64", "split, LAN IPv4, WAN IPv6-only", "wanNat64"),
  elsewhere("split, WAN without IPv4", "split, LAN IPv4, WAN IPv6-only", "wanIpv6"),
  elsewhere("split, LAN without IPv4", "split, LAN IPv6-only, WAN IPv4", "lanIpv6"),
  well("proxy without a log-in", "IPv4", open),
  well("proxy without a log-in, by its address", "IPv4", http(3128, { host: hosts.proxy.address })),
  well("proxy without a log-in", "IPv6-only", open),
  well("proxy by its IPv6 address", "IPv6-only", http(3128, { host: hosts.proxy.address6 })),
  well("proxy with Basic", "IPv4", withLogin("basic", "basic")),
  well("proxy with Basic", "IPv6-only", withLogin("basic", "basic")),
  well("proxy with Digest", "IPv4", withLogin("digest", "digest")),
  well(
    "proxy with NTLM",
    "IPv4",
    withLogin("ntlm", "ntlm", { user: `LABPROXY\\${proxyUser.user}` }),
  ),
  well(
    "proxy with Kerberos",
    "IPv4",
    withLogin("negotiate", "negotiate", { user: `${proxyUser.user}@OUTRIDER.TEST` }),
  ),
  well(
    "proxy that offers several, the strongest by itself",
    "IPv4",
    withLogin("several", "automatic", { user: `LABPROXY\\${proxyUser.user}` }),
  ),
  well("proxy over TLS", "IPv4", withLogin("tls", "basic", { tls: true })),
  well("SOCKS5", "IPv4", socks(proxyPorts.socks)),
  well(
    "SOCKS5 with a password",
    "IPv4",
    socks(proxyPorts.socksPassword, proxyUser.user, proxyUser.password),
  ),
  well("PAC file that names a proxy", "IPv4", pac("right.pac")),
  well("PAC file that says DIRECT", "IPv4", pac("direct.pac")),
  well("PAC file", "IPv6-only", pac("right.pac")),
];
