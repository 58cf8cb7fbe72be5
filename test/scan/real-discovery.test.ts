import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import type { ScanSpecification } from "../../src/protocol/schemas/jobs.ts";
import { acceptsEverything } from "../../src/scan/accepts-all.ts";
import type { KnownHost, PlannedShard } from "../../src/scan/engine.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import {
  cannotRunNmap,
  makeRoutedNetwork,
  runRealShard,
  serve,
} from "../testkit/scan/real-nmap.ts";

/** Real nmap and a real router: networks of which most addresses swallow everything. */
const reason = cannotRunNmap("nft");
const rootTest = reason === null ? test.serial : test.serial.skip;
const title = (text: string) => (reason === null ? text : `${text} (${reason})`);

/** What each address of 198.51.100.0/26 answers to, as an nft match; all else is swallowed. */
const awkward = [
  "icmp type echo-request",
  "icmp type timestamp-request",
  ...[21, 22, 80, 139, 443, 445, 3389, 5985, 6443, 8006, 8080, 9100].map(
    (port) => `tcp dport ${port}`,
  ),
  "udp dport 161",
];
const addressAt = (index: number) => `198.51.100.${10 + index}`;
const tarpit = "198.51.100.50";

/** scanner 192.0.2.2 - router - target, which has the addresses behind the router. */
async function makeNetwork(t: ExecutionContext): Promise<string> {
  const { ip, scanner, router, target } = await makeRoutedNetwork(t, {
    scanner: "192.0.2.2/24",
    near: "192.0.2.1/24",
    far: "203.0.113.1/24",
    target: "203.0.113.2/24",
  });
  await ip(`-n ${scanner} route add default via 192.0.2.1`);
  await ip(`-n ${router} route add 198.51.100.0/22 via 203.0.113.2`);
  // The kernel answers for the whole network; the rules say to what.
  await ip(`-n ${target} route add local 198.51.100.0/22 dev lo`);
  const rules = awkward.map((match, index) => `ip daddr ${addressAt(index)} ${match} accept`);
  await execa("ip", ["netns", "exec", target, "nft", "-f", "-"], {
    input: `table ip t {
      chain pit {
        type nat hook prerouting priority dstnat
        ip daddr ${tarpit} meta l4proto tcp redirect to :9999
      }
      chain in {
        type filter hook input priority filter; policy accept
        ${rules.join("\n")}
        ip daddr 198.51.100.0/22 drop
      }
    }\n`,
    // npm puts a program of the same name before the system's.
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  const program = `require("node:net").createServer(() => undefined).listen(9999, () => console.log("ready"))`;
  await serve(t, target, program);
  return scanner;
}

const scanOf = (over: Partial<ScanSpecification>): ScanSpecification => ({
  name: "real",
  targets: ["198.51.100.0/26"],
  exclusions: [tarpit],
  profile: "normal",
  ports: "top-100",
  ...over,
});
const planOf = (
  scan: ScanSpecification,
  phase: "discover" | "ports" | "services",
  hosts: readonly KnownHost[] = [],
): PlannedShard => {
  const [shard] = nmap.plan({ phase, scan, hosts, firstShard: 0 });
  if (!shard) throw new Error("nothing is planned");
  return shard;
};
const host = (address: string): KnownHost => ({ address, tcp: [], udp: [] });

rootTest(
  title("hosts behind a router that answer to one thing only are found, each with its proof"),
  async (t) => {
    t.timeout(300_000);
    const scanner = await makeNetwork(t);
    const scan = scanOf({});
    const { hosts, verdict } = await runRealShard(t, scanner, scan, planOf(scan, "discover"));
    t.deepEqual(verdict, { accepted: true });
    t.deepEqual(
      hosts.map(({ address }) => address),
      awkward.map((_, index) => addressAt(index)),
    );
    t.true(hosts.every(({ reason: proof }) => proof !== ""));
  },
);

rootTest(
  title("an empty network behind a router that drops is no host and no failure"),
  async (t) => {
    t.timeout(300_000);
    const scanner = await makeNetwork(t);
    const scan = scanOf({ targets: ["198.51.101.0/25"] });
    const { hosts, verdict } = await runRealShard(t, scanner, scan, planOf(scan, "discover"));
    t.deepEqual(verdict, { accepted: true });
    t.deepEqual(hosts, []);
  },
);

rootTest(
  title("a host that accepts everything does not hold up the others, and is seen to be one"),
  async (t) => {
    t.timeout(300_000);
    const scanner = await makeNetwork(t);
    const scan = scanOf({ exclusions: [], ports: "top-1000", profile: "fast" });
    const planned = planOf(scan, "ports", [host(tarpit), host(addressAt(3))]);
    const { hosts, verdict } = await runRealShard(t, scanner, scan, planned);
    t.deepEqual(verdict, { accepted: true });
    const open = hosts.map(({ address, ports }) => ({
      address,
      tcp: ports.filter(({ state }) => state === "open").map(({ number }) => number),
      udp: [],
    }));
    t.deepEqual(
      open.map((each) => [each.address, acceptsEverything(each)]),
      [
        [addressAt(3), false],
        [tarpit, true],
      ],
    );
    t.deepEqual(nmap.plan({ phase: "services", scan, hosts: open, firstShard: 0 }), []);
  },
);

rootTest(
  title("what nmap had found is kept when its process is ended at the deadline"),
  async (t) => {
    t.timeout(300_000);
    const scanner = await makeNetwork(t);
    // 65,535 ports that drop at 800 a second, beside a host that accepts all: far above the deadline.
    const scan = scanOf({ exclusions: [], ports: "all" });
    const planned = {
      ...planOf(scan, "ports", [host(tarpit), host(addressAt(0))]),
      slice: { protocol: "tcp" as const, list: "1-65535" },
    };
    const { verdict, begun } = await runRealShard(t, scanner, scan, planned, {
      deadlineSeconds: 8,
    });
    t.like(verdict, { accepted: false, tooMuch: true });
    t.deepEqual(
      begun.map(({ address, timedOut }) => [address, timedOut]),
      [[tarpit, true]],
    );
    t.true((begun[0]?.ports.length ?? 0) > 10);
  },
);
