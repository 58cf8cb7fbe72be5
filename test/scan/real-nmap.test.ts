import { spawn, spawnSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import type { ScanSpecification } from "../../src/protocol/schemas/jobs.ts";
import { type KnownHost, type PlannedShard, readAll } from "../../src/scan/engine.ts";
import { shardFiles } from "../../src/scan/files.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { planDiscovery, planPorts, planServices } from "../../src/scan/nmap/plan.ts";
import { shardPlan } from "../../src/scan/plan.ts";
import { validators } from "../../src/scan/validators.ts";
import { patientMs } from "../testkit/patience.ts";

const main = fileURLToPath(new URL("../../src/scan/run/main.ts", import.meta.url));

function cannotRun(): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  if (spawnSync("nmap", ["--version"]).status !== 0) return "needs nmap";
  const name = `or-probe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name]).status === 0;
  if (made) spawnSync("ip", ["netns", "del", name]);
  return made ? null : "needs network namespaces";
}

const reason = cannotRun();
const rootTest = reason === null ? test.serial : test.serial.skip;
const title = (text: string) => (reason === null ? text : `${text} (${reason})`);

/**
 * A scanner and a target in namespaces of their own, joined by a cable. The target has 192.0.2.10
 * and .11 and 2001:db8::10, the scanner .2 and ::2.
 */
async function makeNetwork(t: ExecutionContext) {
  const id = randomBytes(3).toString("hex");
  const [scanner, target] = [`or-s-${id}`, `or-t-${id}`];
  const ip = async (...args: string[]) => void (await execa("ip", args));
  t.teardown(async () => {
    for (const name of [scanner, target])
      await execa("ip", ["netns", "del", name], { reject: false });
  });
  await ip("netns", "add", scanner);
  await ip("netns", "add", target);
  await ip(
    "-n",
    scanner,
    "link",
    "add",
    "lan0",
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "netns",
    target,
  );
  await ip("-n", scanner, "addr", "add", "192.0.2.2/24", "dev", "lan0");
  for (const address of ["192.0.2.10/24", "192.0.2.11/24"])
    await ip("-n", target, "addr", "add", address, "dev", "eth0");
  await ip("-n", scanner, "addr", "add", "2001:db8::2/64", "dev", "lan0", "nodad");
  await ip("-n", target, "addr", "add", "2001:db8::10/64", "dev", "eth0", "nodad");
  for (const [name, device] of [
    [scanner, "lan0"],
    [scanner, "lo"],
    [target, "eth0"],
    [target, "lo"],
  ] as const)
    await ip("-n", name, "link", "set", device, "up");
  // A web server that sends its name, in the target's namespace, on one of its addresses.
  const program = `require("node:http").createServer((_, reply) => { reply.setHeader("Server", "nginx/1.22.1"); reply.end("hello"); }).listen(80, "192.0.2.10", function () { require("node:http").createServer(this.listeners("request")[0]).listen(80, "2001:db8::10", () => console.log("ready")); })`;
  const server = spawn("ip", ["netns", "exec", target, process.execPath, "-e", program], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(server, "exit");
  t.teardown(async () => {
    server.kill("SIGKILL");
    await ended;
  });
  await once(server.stdout, "data", { signal: AbortSignal.timeout(patientMs) });
  return { scanner };
}

const host = (address: string, tcp: number[] = []): KnownHost => ({ address, tcp, udp: [] });

/** Empty when there is no such file: the engine was never started. */
async function readBytes(path: string): Promise<Buffer> {
  return await readFile(path).catch(() => Buffer.alloc(0));
}

async function runShard(
  t: ExecutionContext,
  scanner: string,
  scan: ScanSpecification,
  planned: PlannedShard,
  prefix: string[] = [],
) {
  const root = await mkdtemp(join(tmpdir(), "outrider-nmap-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const jobId = randomUUID();
  const folder = join(root, "data/outrider/scan", jobId);
  await mkdir(folder, { recursive: true });
  const plan = shardPlan(nmap, planned, {
    jobId,
    attempt: 1,
    tryNumber: 1,
    device: "lan0",
    scan,
    sharing: 1,
    cardWaitSeconds: 1,
  });
  const files = shardFiles(folder, planned.shard, nmap);
  await writeFile(files.plan, JSON.stringify(plan));
  const { stderr } = await execa(
    "ip",
    ["netns", "exec", scanner, ...prefix, process.execPath, main, `${jobId}-${planned.shard}`],
    {
      env: { OUTRIDER_ROOT: root, OUTRIDER_SIMULATED: "", OUTRIDER_NMAP: "" },
      reject: false,
    },
  );
  const done = validators.ShardDone(
    JSON.parse(
      await readFile(files.done, "utf8").catch(() => `{"error":${JSON.stringify(stderr)}}`),
    ),
  );
  if (!done.valid) throw new Error(`no done file: ${stderr}`);
  const { hosts, run } = await readAll(nmap.read([await readBytes(files.output)]));
  return {
    run: { ...run, hosts },
    printed: (await nmap.readProgress([await readBytes(files.progress)])).map(
      ({ address, ports }) => [address, ports.map(({ number }) => number)] as const,
    ),
    verdict: nmap.judge(plan, done.value, run),
    xml: (await readBytes(files.output)).toString("utf8"),
  };
}

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
    const { run, verdict } = await runShard(t, scanner, scan, shard);
    t.deepEqual(verdict, { accepted: true });
    t.deepEqual(
      run.hosts.map(({ address, reason: why }) => [address, why]),
      [
        ["192.0.2.10", "arp-response"],
        ["192.0.2.11", "arp-response"],
      ],
    );
    t.like(run.finished, { up: 2, down: 5, total: 7 });
    t.regex(run.hosts[0]?.macAddress ?? "", /^[0-9A-F:]{17}$/);
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
    const looked = await runShard(t, scanner, scan, ports);
    t.deepEqual(looked.verdict, { accepted: true });
    t.regex(looked.xml, /<scaninfo type="syn"/);
    t.is(looked.run.hosts.length, 2);
    t.deepEqual(looked.printed, [["192.0.2.10", [80]]]);
    const known = looked.run.hosts.map(({ address, ports: found }) =>
      host(
        address,
        found.filter(({ state }) => state === "open").map(({ number }) => number),
      ),
    );
    const [services] = planServices(scan, known, 2);
    if (!services) return t.fail();
    const { run, verdict } = await runShard(t, scanner, scan, services);
    t.deepEqual(verdict, { accepted: true });
    t.deepEqual(
      run.hosts.map(({ address, ports }) => [
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
      const { run, verdict } = await runShard(t, scanner, both, shard);
      t.deepEqual(verdict, { accepted: true });
      found.push(...run.hosts.map(({ address }) => address));
    }
    t.deepEqual(found, ["192.0.2.10", "2001:db8::10"]);
    const known = found.map((address) => host(address, [80]));
    const [, services] = planServices(both, known, 2);
    if (!services) return t.fail();
    const { run, verdict, xml } = await runShard(t, scanner, both, services);
    t.deepEqual(verdict, { accepted: true });
    t.regex(xml, /<scaninfo type="syn"/);
    t.is(run.hosts[0]?.ports.find(({ number }) => number === 80)?.service?.product, "nginx");
    t.regex(run.hosts[0]?.macAddress ?? "", /^[0-9A-F:]{17}$/);
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
  const { run, verdict, xml } = await runShard(t, scanner, scan, shard, onlyRaw);
  t.deepEqual(verdict, { accepted: true });
  t.regex(xml, /<scaninfo type="syn"/);
  t.is(run.hosts[0]?.ports.filter(({ state }) => state === "open").length, 1);
});

rootTest(
  title("an interface that is down, and does not come back in time, is a failure"),
  async (t) => {
    const { scanner } = await makeNetwork(t);
    const [shard] = planDiscovery(scan);
    if (!shard) return t.fail();
    await execa("ip", ["-n", scanner, "link", "set", "lan0", "down"]);
    const { verdict } = await runShard(t, scanner, scan, shard);
    t.false(verdict.accepted);
  },
);
