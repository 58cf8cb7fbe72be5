import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import type { ScanSpecification } from "../../src/protocol/schemas/jobs.ts";
import { acceptsEverything } from "../../src/scan/accepts-all.ts";
import { type KnownHost, type PlannedShard, readAll } from "../../src/scan/engine.ts";
import { shardFiles } from "../../src/scan/files.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { shardPlan } from "../../src/scan/plan.ts";
import { validators } from "../../src/scan/validators.ts";
import { patientMs } from "../testkit/patience.ts";

/** Real nmap and a real router: networks of which most addresses swallow everything. */
const main = fileURLToPath(new URL("../../src/scan/run/main.ts", import.meta.url));

function cannotRun(): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  for (const program of ["nmap", "nft"])
    if (spawnSync(program, ["--version"]).status !== 0) return `needs ${program}`;
  const name = `or-probe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name]).status === 0;
  if (made) spawnSync("ip", ["netns", "del", name]);
  return made ? null : "needs network namespaces";
}

const reason = cannotRun();
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
  const id = randomBytes(3).toString("hex");
  const [scanner, router, target] = [`or-s-${id}`, `or-r-${id}`, `or-t-${id}`];
  const ip = async (text: string) => void (await execa("ip", text.split(" ")));
  t.teardown(async () => {
    for (const name of [scanner, router, target])
      await execa("ip", ["netns", "del", name], { reject: false });
  });
  for (const name of [scanner, router, target]) {
    await ip(`netns add ${name}`);
    await ip(`-n ${name} link set lo up`);
  }
  await ip(`-n ${scanner} link add lan0 type veth peer name in0 netns ${router}`);
  await ip(`-n ${router} link add out0 type veth peer name eth0 netns ${target}`);
  for (const [name, device, address] of [
    [scanner, "lan0", "192.0.2.2/24"],
    [router, "in0", "192.0.2.1/24"],
    [router, "out0", "203.0.113.1/24"],
    [target, "eth0", "203.0.113.2/24"],
  ] as const) {
    await ip(`-n ${name} addr add ${address} dev ${device}`);
    await ip(`-n ${name} link set ${device} up`);
  }
  await ip(`-n ${scanner} route add default via 192.0.2.1`);
  await ip(`-n ${router} route add 198.51.100.0/22 via 203.0.113.2`);
  await ip(`-n ${target} route add default via 203.0.113.1`);
  await execa("ip", ["netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
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
  const server = spawn("ip", ["netns", "exec", target, process.execPath, "-e", program], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(server, "exit");
  t.teardown(async () => {
    server.kill("SIGKILL");
    await ended;
  });
  await once(server.stdout, "data", { signal: AbortSignal.timeout(patientMs) });
  return scanner;
}

const jobId = "00000000-0000-4000-8000-000000000021";

/** Runs a shard in the scanner's namespace as its unit does. */
async function runShard(
  t: ExecutionContext,
  scanner: string,
  scan: ScanSpecification,
  planned: PlannedShard,
  deadlineSeconds?: number,
) {
  const root = await mkdtemp(join(tmpdir(), "outrider-nmap-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, "data/outrider/scan", jobId);
  await mkdir(folder, { recursive: true });
  const context = { jobId, attempt: 1, tryNumber: 1, device: "lan0", scan, sharing: 1 };
  const plan = shardPlan(nmap, planned, context);
  const files = shardFiles(folder, planned.shard, nmap);
  await writeFile(
    files.plan,
    JSON.stringify({ ...plan, ...(deadlineSeconds && { deadlineSeconds }) }),
  );
  await execa(
    "ip",
    ["netns", "exec", scanner, process.execPath, main, `${jobId}-${planned.shard}`],
    { env: { OUTRIDER_ROOT: root, OUTRIDER_SIMULATED: "", OUTRIDER_NMAP: "" } },
  );
  const done = validators.ShardDone(JSON.parse(await readFile(files.done, "utf8")));
  if (!done.valid) throw new Error("no done file");
  const { hosts, run } = await readAll(nmap.read([await readFile(files.output)]));
  return {
    hosts,
    verdict: nmap.judge(plan, done.value, run),
    begun: await nmap.readProgress([await readFile(files.progress)]),
  };
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
    const { hosts, verdict } = await runShard(t, scanner, scan, planOf(scan, "discover"));
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
    const { hosts, verdict } = await runShard(t, scanner, scan, planOf(scan, "discover"));
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
    const { hosts, verdict } = await runShard(t, scanner, scan, planned);
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
    const { verdict, begun } = await runShard(t, scanner, scan, planned, 8);
    t.like(verdict, { accepted: false, tooMuch: true });
    t.deepEqual(
      begun.map(({ address, timedOut }) => [address, timedOut]),
      [[tarpit, true]],
    );
    t.true((begun[0]?.ports.length ?? 0) > 10);
  },
);
