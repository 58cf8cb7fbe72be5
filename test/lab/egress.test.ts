import { hosts, platformUrl, segments } from "../../image/lab/addresses.ts";
import { enrolAtConsole } from "../../image/lab/console-keys.ts";
import { portOf } from "../../image/lab/network.ts";
import { labNetworks } from "../../image/lab/networks.ts";
import type { EgressFile } from "../../src/configd/api/egress.ts";
import { labTest, openLab, shortScan } from "../testkit/lab/lab.ts";
import { wall } from "../testkit/lab/proxies.ts";
import { addressed, automatic, callHome, change, withNetwork } from "../testkit/lab/split-lab.ts";

/**
 * Every packet that leaves the appliance's card: its destination, protocol and port. Answers are no
 * egress.
 */
const watch = (device: string) => `
table netdev watch {
  set tcp4 { type ipv4_addr . inet_service; flags dynamic; size 65535; }
  set udp4 { type ipv4_addr . inet_service; flags dynamic; size 65535; }
  set other4 { type ipv4_addr . inet_proto; flags dynamic; size 65535; }
  set tcp6 { type ipv6_addr . inet_service; flags dynamic; size 65535; }
  set udp6 { type ipv6_addr . inet_service; flags dynamic; size 65535; }
  set other6 { type ipv6_addr . inet_proto; flags dynamic; size 65535; }
  chain ingress {
    type filter hook ingress device "${device}" priority 0;
    ip protocol tcp tcp flags & (syn | ack) == syn update @tcp4 { ip daddr . tcp dport }
    ip protocol udp update @udp4 { ip daddr . udp dport }
    ip protocol != { tcp, udp } update @other4 { ip daddr . ip protocol }
    ether type ip6 meta l4proto tcp tcp flags & (syn | ack) == syn update @tcp6 { ip6 daddr . tcp dport }
    ether type ip6 meta l4proto udp update @udp6 { ip6 daddr . udp dport }
    ether type ip6 icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept
    ether type ip6 meta l4proto != { tcp, udp } update @other6 { ip6 daddr . meta l4proto }
  }
}`;

interface Seen {
  address: string;
  protocol: string;
  port: number;
}

/** The elements of a set as nft prints them in JSON. */
function elementsOf(json: string): Seen[] {
  const parsed: { nftables: { set?: { name: string; elem?: unknown[] } }[] } = JSON.parse(json);
  return parsed.nftables.flatMap(({ set }) =>
    (set?.elem ?? []).flatMap((element): Seen[] => {
      const text = JSON.stringify(element);
      const pair = /"concat":\["([^"]+)",("?)([^"\],]+)\2\]/.exec(text);
      if (!set || !pair) return [];
      const [, address = "", , second = ""] = pair;
      return set.name.startsWith("other")
        ? [{ address, protocol: second, port: 0 }]
        : [{ address, protocol: set.name.slice(0, 3), port: Number(second) }];
    }),
  );
}

/** Traffic on the link itself, which docs/operate/privacy.md lists. */
const onTheLink = ({ address, port }: Seen) =>
  address.startsWith("224.0.0.") || (address.startsWith("ff02:") && port !== 547);

function isListed({ address, protocol, port }: Seen, { entries }: EgressFile): boolean {
  return entries.some((entry) => {
    if (entry.by === "scan") return entry.host === address;
    // One server answers the broadcasts; renewals go to it.
    if (entry.by === "dhcp") return entry.protocol === protocol && entry.port === port;
    const here = entry.host === address || entry.addresses.includes(address);
    return (
      here &&
      (entry.port === port || entry.port === 0) &&
      (entry.protocol === "any" || entry.protocol === protocol)
    );
  });
}

labTest(
  "what leaves the appliance in its first set-up, in a scan, and over IPv6 is in the egress ledger",
  async (t) => {
    t.timeout(400_000);
    const lab = await openLab(t, { networks: labNetworks.dual });
    const { appliance, operator, namespaces } = lab;
    await appliance.start();
    // The machine is only beginning to start: nothing has left it yet.
    await namespaces.run(["nft", "-f", "-"], { input: watch(portOf("eth0")) });
    await appliance.booted();
    const { code } = await operator.makeActivationCode("egress");
    await appliance.console.waitFor("(DHCP)", {
      timeoutMs: 60_000,
      what: "an address on the home screen",
    });
    await enrolAtConsole(appliance.console, platformUrl, code);
    const { id: applianceId } = await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
    );
    const scan = await operator.startScan({ applianceId, name: "Watched", ...shortScan });
    await operator.waitForScanEnd(scan.id, 200_000);
    await appliance.exec(["outrider", "doctor"], { mayFail: true });
    // The same where only IPv6 leads to the platform.
    await change(lab, withNetwork({ mode: "single", lan: automatic }));
    await addressed(lab, ["eth0"]);
    await wall(lab, `ip daddr ${hosts.platform.address} reject`);
    await appliance.exec(["systemctl", "restart", "outrider-agent"]);
    await callHome(lab, applianceId);
    await appliance.exec(["outrider", "doctor"], { mayFail: true });

    const { stdout } = await namespaces.run(["nft", "-j", "list", "table", "netdev", "watch"]);
    const seen = elementsOf(stdout).filter((each) => !onTheLink(each));
    t.true(
      seen.some(({ port }) => port === 53),
      "the name server was seen",
    );
    for (const address of [hosts.platform.address, hosts.platform.address6])
      t.true(
        seen.some((each) => each.address === address && each.port === 443),
        `the platform was seen at ${address}`,
      );
    const { stdout: told } = await appliance.exec(["outrider", "egress", "--json"]);
    const ledger: EgressFile = JSON.parse(told);
    const missing = seen
      .filter((each) => !isListed(each, ledger))
      .map(({ address, protocol, port }) => `${address} ${protocol} ${port}`);
    t.deepEqual(missing, []);
    // timesyncd does not run in a container: the ledger knows only the servers of the lease.
    t.true(
      ledger.entries.some(
        ({ by, host, reason }) =>
          by === "time" && host === segments.lan.gateway && reason?.code === "for-time-lease",
      ),
      "the lease's time server is in the ledger",
    );
    t.true(
      ledger.entries.some(
        ({ by, host, port }) => by === "dhcp" && host === "ff02::1:2" && port === 547,
      ),
      "so is DHCPv6",
    );
    t.log(
      `${seen.length} flows seen, all of them among the ${ledger.entries.length} destinations of the ledger`,
    );
  },
);
