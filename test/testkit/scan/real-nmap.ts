import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { execa } from "execa";
import type { ScanSpecification } from "../../../src/protocol/schemas/jobs.ts";
import { type PlannedShard, readAll } from "../../../src/scan/engine.ts";
import { shardFiles } from "../../../src/scan/files.ts";
import { nmap } from "../../../src/scan/nmap/nmap.ts";
import { shardPlan } from "../../../src/scan/plan.ts";
import { validators } from "../../../src/scan/validators.ts";
import { patientMs } from "../patience.ts";

const main = fileURLToPath(new URL("../../../src/scan/run/main.ts", import.meta.url));

/** Why real nmap in network namespaces cannot be tested here; null when it can. */
export function cannotRunNmap(...otherPrograms: string[]): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  for (const program of ["nmap", ...otherPrograms])
    if (spawnSync(program, ["--version"]).status !== 0) return `needs ${program}`;
  const name = `or-probe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name]).status === 0;
  if (made) spawnSync("ip", ["netns", "del", name]);
  return made ? null : "needs network namespaces";
}

/** Namespaces that are gone when the test ends; lo is up in them. `ip` runs words of ip(8). */
export async function makeNamespaces(t: ExecutionContext, names: readonly string[]) {
  const ip = async (text: string) => void (await execa("ip", text.split(" ")));
  t.teardown(async () => {
    for (const name of names) await execa("ip", ["netns", "del", name], { reject: false });
  });
  for (const name of names) {
    await ip(`netns add ${name}`);
    await ip(`-n ${name} link set lo up`);
  }
  return ip;
}

/** Addresses with their prefixes: `near` of the router's card that the scanner is at. */
export interface RoutedNetwork {
  scanner: string;
  near: string;
  far: string;
  target: string;
}

/** scanner (card lan0) - router (in0, out0) - target (eth0), all up; the router forwards IPv4. */
export async function makeRoutedNetwork(t: ExecutionContext, addresses: RoutedNetwork) {
  const id = randomUUID().slice(0, 6);
  const [scanner, router, target] = [`or-s-${id}`, `or-r-${id}`, `or-t-${id}`];
  const ip = await makeNamespaces(t, [scanner, router, target]);
  await ip(`-n ${scanner} link add lan0 type veth peer name in0 netns ${router}`);
  await ip(`-n ${router} link add out0 type veth peer name eth0 netns ${target}`);
  for (const [name, device, address] of [
    [scanner, "lan0", addresses.scanner],
    [router, "in0", addresses.near],
    [router, "out0", addresses.far],
    [target, "eth0", addresses.target],
  ] as const) {
    await ip(`-n ${name} addr add ${address} dev ${device}`);
    await ip(`-n ${name} link set ${device} up`);
  }
  await ip(`-n ${target} route add default via ${addresses.far.replace(/\/.*/, "")}`);
  await ip(`netns exec ${router} sysctl -qw net.ipv4.ip_forward=1`);
  return { ip, scanner, router, target };
}

/** Runs a program of Node in a namespace until the test ends; resolves when it has printed. */
export async function serve(
  t: ExecutionContext,
  namespace: string,
  program: string,
): Promise<void> {
  const server: ChildProcess = spawn(
    "ip",
    ["netns", "exec", namespace, process.execPath, "-e", program],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const ended = once(server, "exit");
  t.teardown(async () => {
    server.kill("SIGKILL");
    await ended;
  });
  if (server.stdout) await once(server.stdout, "data", { signal: AbortSignal.timeout(patientMs) });
}

export interface RealRun {
  /** Words before the runner's command. */
  prefix?: readonly string[];
  /** Another limit than the plan's own. */
  deadlineSeconds?: number;
  /** How long the run waits for a card that cannot be used. */
  cardWaitSeconds?: number;
}

/** Runs a shard in the scanner's namespace as its unit does, and reads what it left. */
export async function runRealShard(
  t: ExecutionContext,
  scanner: string,
  scan: ScanSpecification,
  planned: PlannedShard,
  { prefix = [], deadlineSeconds, cardWaitSeconds = 30 }: RealRun = {},
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
    cardWaitSeconds,
  });
  const files = shardFiles(folder, planned.shard, nmap);
  await writeFile(
    files.plan,
    JSON.stringify({ ...plan, ...(deadlineSeconds !== undefined && { deadlineSeconds }) }),
  );
  const { stderr } = await execa(
    "ip",
    ["netns", "exec", scanner, ...prefix, process.execPath, main, `${jobId}-${planned.shard}`],
    { env: { OUTRIDER_ROOT: root, OUTRIDER_SIMULATED: "", OUTRIDER_NMAP: "" }, reject: false },
  );
  const done = validators.ShardDone(
    JSON.parse(
      await readFile(files.done, "utf8").catch(() => `{"error":${JSON.stringify(stderr)}}`),
    ),
  );
  if (!done.valid) throw new Error(`no done file: ${stderr}`);
  const output = await readBytes(files.output);
  const { hosts, run } = await readAll(nmap.read([output]));
  return {
    hosts,
    run,
    verdict: nmap.judge(plan, done.value, run),
    begun: await nmap.readProgress([await readBytes(files.progress)]),
    xml: output.toString("utf8"),
  };
}

/** Empty when there is no such file: the engine was never started. */
async function readBytes(path: string): Promise<Buffer> {
  return await readFile(path).catch(() => Buffer.alloc(0));
}
