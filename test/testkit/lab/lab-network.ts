import { join } from "node:path";
import { domain, hosts, platformUrl, segments } from "../../../image/lab/addresses.ts";
import { projectFolder } from "../../../image/root/system-layer.ts";
import type { TestLab } from "./lab.ts";
import { callConfigd, until } from "./split-lab.ts";

/** The port of a DNS server in front of the lab's own, so that tests can add records. */
export const dnsPort = 5353;

export async function enrol(lab: TestLab): Promise<void> {
  await until(
    "an address",
    async () =>
      (
        await lab.appliance.exec(["ip", "-4", "-br", "address", "show", "dev", "eth0"])
      ).stdout.includes("192.0.2."),
    60_000,
  );
  const { code } = await lab.operator.makeActivationCode("lab");
  await until("configd takes the code", () =>
    callConfigd(lab, "enrol", { url: platformUrl, code }).then(
      () => true,
      () => false,
    ),
  );
}

/** Kerberos' KDC as Active Directory would announce it. */
export async function addDnsRecords(lab: TestLab): Promise<void> {
  const srv = ["_udp", "_tcp"].flatMap((transport) => [
    `--srv-host=_kerberos.${transport}.${domain},proxy.${domain},88`,
  ]);
  await startDns(lab, "records", dnsPort, ["--no-resolv", "--server=198.51.100.1", ...srv]);
  await redirectDns(lab, dnsPort);
}

export async function startDns(
  { namespaces }: TestLab,
  name: string,
  port: number,
  options: readonly string[],
): Promise<void> {
  const always = [
    "dnsmasq",
    "--keep-in-foreground",
    "--no-daemon",
    "--user=root",
    "--no-hosts",
    "--conf-file=/dev/null",
    "--bind-interfaces",
    "--interface=lan",
    "--interface=wan",
  ];
  const daemon = namespaces.spawn(
    `dns ${name}`,
    ["chroot", "/run/lab/peers", ...always, `--port=${port}`, ...options],
    { host: "router" },
  );
  await daemon.waitForOutput("started, version");
}

/** Sends the appliance's DNS queries to the router's DNS server on this port. */
export async function redirectDns(lab: TestLab, port: number): Promise<void> {
  const { lan, wan } = segments;
  const routers4 = `${lan.gateway}, ${wan.gateway}`;
  const routers6 = `fe80::/10, ${lan.prefix6}1, ${wan.prefix6}1`;
  const redirect = `meta l4proto { tcp, udp } th dport 53 redirect to :${port}`;
  await nft(
    lab,
    `table inet labdns {}
delete table inet labdns
table inet labdns {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    # Those of the segments' own networks to the router: to others it would answer from another address.
    iifname lan ip saddr ${segments.lan.network}/${segments.lan.prefix} ip daddr { ${routers4} } ${redirect}
    iifname lan ip6 daddr { ${routers6} } ${redirect}
    # In split mode the appliance asks on WAN, as platform and proxy do.
    iifname wan ip saddr != { ${hosts.platform.address}, ${hosts.proxy.address} } ip daddr { ${routers4} } ${redirect}
    iifname wan ip6 saddr != { ${hosts.platform.address6}, ${hosts.proxy.address6} } ip6 daddr { ${routers6} } ${redirect}
  }
}`,
  );
  // conntrack and resolved both remember earlier queries.
  await lab.namespaces.run(["sh", "-c", "conntrack -F 2>/dev/null || true"], {
    host: "router",
    mayFail: true,
  });
  await lab.appliance.exec(["resolvectl", "flush-caches"], { mayFail: true });
  // resolved merges equal queries: a new one would join a query that still waits for the server
  // before, and get its answer or none.
  await until("no question is under way", async () => {
    const { stdout } = await lab.appliance.exec(["resolvectl", "statistics"]);
    return /Current Transactions: +0\b/.test(stdout);
  });
}

export async function nft({ namespaces }: TestLab, rules: string, host = "router"): Promise<void> {
  await namespaces.runPeer(["nft", "-f", "-"], { host, input: rules });
}

/** All bad proxies, on the host `proxy`. */
export async function startBadProxies(
  { namespaces }: TestLab,
  address: string = hosts.proxy.address,
): Promise<void> {
  const node = join(projectFolder, "node_modules/.bin/node");
  const program = [
    node,
    join(projectFolder, "test/testkit/proxies/bad-proxies.ts"),
    address,
    hosts.platform.address,
    "443",
  ];
  await namespaces
    .spawn("bad proxies", program, { host: "proxy" })
    .waitForOutput("bad proxies listen");
}
