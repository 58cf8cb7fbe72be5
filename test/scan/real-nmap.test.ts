import { randomBytes } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import type { ScanSpecification } from "../../src/protocol/schemas/jobs.ts";
import type { KnownHost } from "../../src/scan/engine.ts";
import { planDiscovery, planPorts, planServices } from "../../src/scan/nmap/plan.ts";
import { cannotRunNmap, makeNamespaces, runRealShard, serve } from "../testkit/scan/real-nmap.ts";

const reason = cannotRunNmap();
const rootTest = reason === null ? test.serial : test.serial.skip;
const title = (text: string) => (reason === null ? text : `${text} (${reason})`);

/**
 * A scanner and a target in namespaces of their own, joined by a cable. The target has 192.0.2.10
 * and .11 and 2001:db8::10, the scanner .2 and ::2.
 */
async function makeNetwork(t: ExecutionContext) {
  const id = randomBytes(3).toString("hex");
  const [scanner, target] = [`or-s-${id}`, `or-t-${id}`];
  const ip = await makeNamespaces(t, [scanner, target]);
  await ip(`-n ${scanner} link add lan0 type veth peer name eth0 netns ${target}`);
  await ip(`-n ${scanner} addr add 192.0.2.2/24 dev lan0`);
  for (const address of ["192.0.2.10/24", "192.0.2.11/24"])
    await ip(`-n ${target} addr add ${address} dev eth0`);
  await ip(`-n ${scanner} addr add 2001:db8::2/64 dev lan0 nodad`);
  await ip(`-n ${target} addr add 2001:db8::10/64 dev eth0 nodad`);
  await ip(`-n ${scanner} link set lan0 up`);
  await ip(`-n ${target} link set eth0 up`);
  // A web server that sends its name, in the target's namespace, on one of its addresses.
  const program = `require("node:http").createServer((_, reply) => { reply.setHeader("Server", "nginx/1.22.1"); reply.end("hello"); }).listen(80, "192.0.2.10", function () { require("node:http").createServer(this.listeners("request")[0]).listen(80, "2001:db8::10", () => console.log("ready")); })`;
  await serve(t, target, program);
  return { scanner };
}

const host = (address: string, tcp: number[] = []): KnownHost => ({ address, tcp, udp: [] });

const scan: ScanSpecification = {
  name: "real",
  targets: ["192.0.2.8/29"],
  exclusions: ["192.0.2.12", "192.0.2.20-192.0.2.29", "198.51.100.0/24", "2001:db8::/64"],
  profile: "fast",
  ports: "top-100",
};

rootTest(
  title(
    "nmap finds the LAN's hosts by ARP, leaves the excluded ones alone, and its XML is accepted",
  ),
  async (t) => {
    const { scanner } = await makeNetwork(t);
    const [shard] = planDiscovery(scan);
    if (!shard) return t.fail();
    const { hosts, run, verdict } = await runRealShard(t, scanner, scan, shard);
    t.deepEqual(verdict, { accepted: true });
    t.deepEqual(
      hosts.map(({ address, reason: why }) => [address, why]),
      [
        ["192.0.2.10", "arp-response"],
        ["192.0.2.11", "arp-response"],
      ],
    );
    t.like(run.finished, { up: 2, down: 5, total: 7 });
    t.regex(hosts[0]?.macAddress ?? "", /^[0-9A-F:]{17}$/);
  },
);

rootTest(
  title(
    "nmap's SYN scan reads product and version of a real server, and a host without open ports is in the result",
  ),
  async (t) => {
    const { scanner } = await makeNetwork(t);
    const [ports] = planPorts(scan, [host("192.0.2.10"), host("192.0.2.11")], 1);
    if (!ports) return t.fail();
    const looked = await runRealShard(t, scanner, scan, ports);
    t.deepEqual(looked.verdict, { accepted: true });
    t.regex(looked.xml, /<scaninfo type="syn"/);
    t.is(looked.hosts.length, 2);
    t.deepEqual(
      looked.begun.map(({ address, ports: open }) => [address, open.map(({ number }) => number)]),
      [["192.0.2.10", [80]]],
    );
    const known = looked.hosts.map(({ address, ports: found }) =>
      host(
        address,
        found.filter(({ state }) => state === "open").map(({ number }) => number),
      ),
    );
    const [services] = planServices(scan, known, 2);
    if (!services) return t.fail();
    const { hosts, verdict } = await runRealShard(t, scanner, scan, services);
    t.deepEqual(verdict, { accepted: true });
    t.deepEqual(
      hosts.map(({ address, ports }) => [
        address,
        ports
          .filter(({ state }) => state === "open")
          .map(({ number, service }) => [number, service?.product, service?.version]),
      ]),
      [["192.0.2.10", [[80, "nginx", "1.22.1"]]]],
    );
  },
);

rootTest(
  title(
    "IPv6 is scanned in shards of its own: neighbours are discovered, services are read, exclusions of both families hold",
  ),
  async (t) => {
    const { scanner } = await makeNetwork(t);
    const both: ScanSpecification = {
      ...scan,
      targets: ["192.0.2.10", "2001:db8::10/124"],
      exclusions: ["2001:db8::18/125", "192.0.2.0/30"],
    };
    const shards = planDiscovery(both);
    t.is(shards.length, 2);
    const found: string[] = [];
    for (const shard of shards) {
      const { hosts, verdict } = await runRealShard(t, scanner, both, shard);
      t.deepEqual(verdict, { accepted: true });
      found.push(...hosts.map(({ address }) => address));
    }
    t.deepEqual(found, ["192.0.2.10", "2001:db8::10"]);
    const known = found.map((address) => host(address, [80]));
    const [, services] = planServices(both, known, 2);
    if (!services) return t.fail();
    const { hosts, verdict, xml } = await runRealShard(t, scanner, both, services);
    t.deepEqual(verdict, { accepted: true });
    t.regex(xml, /<scaninfo type="syn"/);
    t.is(hosts[0]?.ports.find(({ number }) => number === 80)?.service?.product, "nginx");
    t.regex(hosts[0]?.macAddress ?? "", /^[0-9A-F:]{17}$/);
  },
);

rootTest(
  title("neighbours are found by IPv6 on a card that has come up this moment, once it is ready"),
  async (t) => {
    const { scanner } = await makeNetwork(t);
    const only6 = { ...scan, targets: ["2001:db8::10/124"], exclusions: [] };
    const [shard] = planDiscovery(only6);
    if (!shard) return t.fail();
    // The kernel may take a second until it tests the link-local address, and one for the test.
    for (const state of ["down", "up"])
      await execa("ip", ["-n", scanner, "link", "set", "lan0", state]);
    await execa("ip", ["-n", scanner, "addr", "replace", "2001:db8::2/64", "dev", "lan0", "nodad"]);
    const { hosts, verdict } = await runRealShard(t, scanner, only6, shard);
    t.deepEqual(verdict, { accepted: true });
    t.deepEqual(
      hosts.map(({ address }) => address),
      ["2001:db8::10"],
    );
  },
);

rootTest(title("CAP_NET_RAW alone is enough for the runner and its engine"), async (t) => {
  const { scanner } = await makeNetwork(t);
  const [shard] = planPorts(scan, [host("192.0.2.10")], 1);
  if (!shard) return t.fail();
  const onlyRaw = [
    "setpriv",
    "--bounding-set",
    "-all,+net_raw",
    "--inh-caps",
    "-all,+net_raw",
    "--ambient-caps",
    "-all,+net_raw",
    "--no-new-privs",
  ];
  const { hosts, verdict, xml } = await runRealShard(t, scanner, scan, shard, { prefix: onlyRaw });
  t.deepEqual(verdict, { accepted: true });
  t.regex(xml, /<scaninfo type="syn"/);
  t.is(hosts[0]?.ports.filter(({ state }) => state === "open").length, 1);
});

rootTest(
  title("an interface that is down, and does not come back in time, is a failure"),
  async (t) => {
    const { scanner } = await makeNetwork(t);
    const [shard] = planDiscovery(scan);
    if (!shard) return t.fail();
    await execa("ip", ["-n", scanner, "link", "set", "lan0", "down"]);
    const { verdict } = await runRealShard(t, scanner, scan, shard, { cardWaitSeconds: 1 });
    t.false(verdict.accepted);
  },
);
