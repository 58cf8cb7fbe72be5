import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build, type Plugin } from "esbuild";
import { expandTargets } from "../../src/base/addresses/scan-targets.ts";
import { credentialText } from "../../src/base/credential.ts";
import type { Completion } from "../../src/protocol/schemas/results.ts";
import { planServices } from "../../src/scan/nmap/plan.ts";
import { profiles } from "../../src/scan/profiles.ts";
import type { AgentConfiguration } from "../../src/settings/agent-configuration.ts";
import { seededFractions, startCuttingRelay } from "../testkit/agent/cutting-relay.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";
import { portsOf } from "./delivery-scans.ts";

/**
 * Kills agent and platform, which are real processes over a real disk and database, at random
 * moments of scan jobs and uploads, while a share of the requests between them is cut, and then
 * counts lost and doubled results in the platform's database.
 */
export interface DeliveryOptions {
  seed: number;
  points: number;
  /** Share of the requests that are cut. */
  cutShare: number;
  tell?: (line: string) => void;
}

export interface DeliveryCounts {
  seed: number;
  points: number;
  agentKills: number;
  platformKills: number;
  requests: number;
  cuts: number;
  scans: number;
  parts: number;
  /** Cut off twice in a row, so that the agent made two of one. */
  halvedParts: number;
  /** By shards that the agent divided: it was killed twice while it read their output. */
  dividedParts: number;
  hosts: number;
  commands: number;
  lostHosts: number;
  doubledHosts: number;
  lostParts: number;
  doubledParts: number;
  wrongHosts: number;
  /** Scans that did not end, or ended otherwise than as completed at the first attempt. */
  badEnds: number;
  commandsNotDone: number;
  seconds: number;
}

const speed = 30;
const openScans = 3;
/** How long everything that is open may take to arrive at the end. */
const endLimitMs = 900_000;
const most = (milliseconds: number) => AbortSignal.timeout(milliseconds);

export async function runDelivery({
  seed,
  points,
  cutShare,
  tell = () => undefined,
}: DeliveryOptions): Promise<DeliveryCounts> {
  const startedMs = performance.now();
  const fraction = seededFractions(seed);
  const folder = await mkdtemp(join(tmpdir(), "outrider-delivery-"));
  const programs = await bundlePrograms(folder);
  // Both are started a thousand times: V8 keeps what it has compiled.
  const compileCache = join(folder, "compiled");
  const relay = await startCuttingRelay(seededFractions(seed + 1));
  const url = `https://127.0.0.1:${relay.port}`;
  const platform = await startPlatform({
    url,
    program: programs.platform,
    environment: { NODE_COMPILE_CACHE: compileCache },
    startTimeoutMs: endLimitMs,
  });
  const agent = new AgentProcess(join(folder, "appliance"), programs.agent, compileCache);
  const expected = new Map<string, string[]>();
  const kills = { agent: 0, platform: 0 };
  try {
    relay.targetPort = platform.port;
    await agent.prepare(url, (await platform.api.makeCode("delivery")).code);
    agent.start();
    const applianceId = await firstAppliance(platform, agent);
    await platform.api.changeSettings({ intervalSeconds: 30 });
    relay.cutShare = cutShare;
    let number = 0;
    const commands: string[] = [];
    const database = () => join(platform.dataFolder, "platform.sqlite");
    const openOnes = () =>
      platformRows(database(), "select id from jobs where ended_at is null").length;
    for (let point = 0; point < points; point++) {
      for (let open = openOnes(); open < openScans; open++) {
        // Between 18 and 117 hosts: two to eight parts.
        const network = `10.${1 + (number >> 8)}.${number & 255}`;
        const targets = [
          `${network}.${1 + Math.floor(fraction() * 60)}-${network}.${78 + Math.floor(fraction() * 40)}`,
        ];
        number++;
        const { id } = await platform.api.startScan({ applianceId, targets, profile: "fast" });
        expected.set(id, [...expandTargets(targets, [])]);
      }
      if (fraction() < 0.1)
        commands.push((await platform.api.command(applianceId, { kind: "doctor" })).id);
      // After some requests, and then some of the work that comes with them.
      await relay.afterRequests(1 + Math.floor(fraction() * 12), most(1000));
      await new Promise((resolve) => setTimeout(resolve, fraction() * 60));
      const victim = fraction();
      if (victim < 0.7) {
        await agent.kill9();
        kills.agent++;
      }
      if (victim > 0.55) {
        await platform.kill9();
        kills.platform++;
        await platform.restart();
      }
      if (victim < 0.7) agent.start();
      if ((point + 1) % 50 === 0)
        tell(
          `${point + 1} of ${points}: ${expected.size} scans, ${relay.cuts} of ${relay.requests} requests cut`,
        );
    }
    await untilAllEnded(platform, expected.size, agent);
    const counted = countOnDatabase(
      join(platform.dataFolder, "platform.sqlite"),
      expected,
      commands,
    );
    counted.doubledParts = Math.max(0, counted.doubledParts - agent.halved - agent.divided);
    const { requests, cuts } = relay;
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    return {
      seed,
      halvedParts: agent.halved,
      dividedParts: agent.divided,
      points,
      agentKills: kills.agent,
      platformKills: kills.platform,
      requests,
      cuts,
      ...counted,
      seconds,
    };
  } finally {
    await agent.kill9();
    await relay.close();
    await platform.remove();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One file each: they start in a fraction of the time that a tree of TypeScript files takes. */
async function bundlePrograms(folder: string): Promise<{ agent: string; platform: string }> {
  const programs = { agent: join(folder, "agent.mjs"), platform: join(folder, "platform.mjs") };
  const entries = { agent: "./delivery-agent.ts", platform: "../../src/platform/main.ts" };
  for (const name of ["agent", "platform"] as const) {
    await build({
      entryPoints: [fileURLToPath(new URL(entries[name], import.meta.url))],
      outfile: programs[name],
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node24",
      logLevel: "error",
      banner: {
        js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
      },
      plugins: [ownPlaces],
    });
  }
  return programs;
}

/** A file finds other files relative to its source. */
const ownPlaces: Plugin = {
  name: "own-places",
  setup: (made) => {
    made.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll(
        "import.meta.url",
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: "ts",
    }));
  },
};

class AgentProcess {
  log = "";
  /** By "JOB PART" and "JOB SHARD", as the agent repeats what it was killed at: the parts more. */
  readonly #more = { halved: new Map<string, number>(), divided: new Map<string, number>() };
  readonly #root: string;
  readonly #program: string;
  readonly #compileCache: string;
  #process: ChildProcess | null = null;

  constructor(root: string, program: string, compileCache: string) {
    this.#root = root;
    this.#program = program;
    this.#compileCache = compileCache;
  }

  async prepare(platformUrl: string, code: string): Promise<void> {
    for (const folder of [
      "run/outrider",
      "data/outrider/scan",
      "data/outrider/content",
      "credentials",
    ])
      await mkdir(join(this.#root, folder), { recursive: true });
    const configuration: AgentConfiguration = {
      hostname: "delivery",
      platformUrl,
      proxy: { kind: "none" },
      trustedCertificates: [],
      scanDevice: null,
      mode: "single",
      managementDevice: null,
      scanExclusions: [],
      simulated: "delivery",
    };
    await writeFile(join(this.#root, "run/outrider/agent.json"), JSON.stringify(configuration));
    await writeFile(join(this.#root, "credentials/activation-code"), credentialText(code));
  }

  start(): void {
    const environment = {
      OUTRIDER_ROOT: this.#root,
      CREDENTIALS_DIRECTORY: join(this.#root, "credentials"),
      DELIVERY_SPEED: String(speed),
      NODE_COMPILE_CACHE: this.#compileCache,
    };
    const child = spawn(process.execPath, [this.#program], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: process.env.PATH ?? "", ...environment },
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.log = (this.log + text).slice(-20_000);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.#note(line);
    });
    this.#process = child;
  }

  /** Parts that were cut off twice in a row, and became two. */
  get halved(): number {
    return sum(this.#more.halved);
  }

  get divided(): number {
    return sum(this.#more.divided);
  }

  #note(line: string): void {
    const value = (name: string) => new RegExp(` ${name}="?([^" ]+)`).exec(line)?.[1] ?? "";
    if (line.includes("sent in halves"))
      this.#more.halved.set(`${value("job")} ${value("part")}`, 1);
    if (line.includes("the shard is divided"))
      this.#more.divided.set(`${value("job")} ${value("shard")}`, Number(value("pieces")) - 1);
  }

  async kill9(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}

const sum = (numbers: ReadonlyMap<string, number>) =>
  [...numbers.values()].reduce((total, number) => total + number, 0);

async function firstAppliance(platform: TestPlatform, agent: AgentProcess): Promise<string> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const [appliance] = await platform.api.appliances();
    if (appliance && appliance.heartbeatAt !== null) return appliance.id;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the agent did not enrol: ${agent.log}`);
}

async function untilAllEnded(
  platform: TestPlatform,
  scans: number,
  agent: AgentProcess,
): Promise<void> {
  const deadline = performance.now() + endLimitMs;
  for (;;) {
    const open = platformRows(
      join(platform.dataFolder, "platform.sqlite"),
      "select id from jobs where ended_at is null",
    ).length;
    const openCommands = platformRows(
      join(platform.dataFolder, "platform.sqlite"),
      "select id from commands where ended_at is null",
    ).length;
    if (open + openCommands === 0) return;
    if (performance.now() > deadline)
      throw new Error(
        `${open} of ${scans} scans and ${openCommands} commands did not end: ${agent.log}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function platformRows(path: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

function countOnDatabase(
  path: string,
  expected: ReadonlyMap<string, string[]>,
  commands: readonly string[],
) {
  const counts = {
    scans: expected.size,
    parts: 0,
    hosts: 0,
    commands: commands.length,
    lostHosts: 0,
    doubledHosts: 0,
    lostParts: 0,
    doubledParts: 0,
  };
  const more = { wrongHosts: 0, badEnds: 0, commandsNotDone: 0 };
  for (const [id, addresses] of expected) {
    const [job] = platformRows(
      path,
      `select attempt, end_state, completed_attempt, completion from jobs where id = '${id}'`,
    );
    if (job?.end_state !== "completed" || job.attempt !== 1 || job.completed_attempt !== 1)
      more.badEnds++;
    const completion: Completion | null =
      typeof job?.completion === "string" ? JSON.parse(job.completion) : null;
    // Hosts of every attempt: those of a second one would be doubled work.
    const hosts = platformRows(
      path,
      `select address, open_ports from result_hosts where job_id = '${id}'`,
    );
    const parts = platformRows(
      path,
      `select number, sha256 from result_parts where job_id = '${id}'`,
    );
    const seen = new Map<string, number>();
    for (const { address, open_ports } of hosts) {
      seen.set(String(address), (seen.get(String(address)) ?? 0) + 1);
      if (open_ports !== portsOf(String(address)).length) more.wrongHosts++;
    }
    counts.hosts += hosts.length;
    counts.parts += parts.length;
    counts.lostHosts += addresses.filter((address) => !seen.has(address)).length;
    counts.doubledHosts +=
      [...seen.values()].filter((times) => times > 1).length +
      [...seen.keys()].filter((address) => !addresses.includes(address)).length;
    counts.lostParts +=
      (completion?.lost.length ?? 0) + Math.max(0, partsOf(addresses) - parts.length);
    counts.doubledParts += Math.max(0, parts.length - partsOf(addresses));
  }
  for (const id of commands) {
    const [command] = platformRows(path, `select end_state from commands where id = '${id}'`);
    if (command?.end_state !== "done") more.commandsNotDone++;
  }
  return { ...counts, ...more };
}

/**
 * One part a shard: one of discovery, those of ports by hosts in a shard, and those of services by
 * hosts and open ports.
 */
const { hostsPerShard } = profiles.fast;
function partsOf(addresses: readonly string[]): number {
  const hosts = addresses.map((address) => ({ address, tcp: portsOf(address), udp: [] }));
  const services = planServices(
    { name: "", targets: [...addresses], exclusions: [], profile: "fast", ports: "standard" },
    hosts,
    0,
  );
  return 1 + Math.ceil(addresses.length / hostsPerShard) + services.length;
}

export function deliveryTable(counts: DeliveryCounts): string {
  const rows: [string, string | number][] = [
    ["points (kill -9 and restart)", counts.points],
    ["agent killed", counts.agentKills],
    ["platform killed", counts.platformKills],
    ["requests", counts.requests],
    [
      "requests cut",
      `${counts.cuts} (${((100 * counts.cuts) / Math.max(1, counts.requests)).toFixed(1)} %)`,
    ],
    ["scans", counts.scans],
    ["parts of results", counts.parts],
    ["of them by parts sent in halves, after two cuts in a row", counts.halvedParts],
    ["of them by divided shards, after two kills while one was read", counts.dividedParts],
    ["hosts in results", counts.hosts],
    ["commands", counts.commands],
    ["**hosts lost**", counts.lostHosts],
    ["**hosts doubled**", counts.doubledHosts],
    ["**parts lost**", counts.lostParts],
    ["**parts doubled**", counts.doubledParts],
    ["hosts with wrong content", counts.wrongHosts],
    ["scans that did not end as completed at their first attempt", counts.badEnds],
    ["commands that were not done", counts.commandsNotDone],
    ["seconds", counts.seconds],
  ];
  return ["| | |", "|---|---|", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join(
    "\n",
  );
}

export function isPerfect(counts: DeliveryCounts): boolean {
  const { lostHosts, doubledHosts, lostParts, doubledParts, wrongHosts, badEnds, commandsNotDone } =
    counts;
  return (
    lostHosts + doubledHosts + lostParts + doubledParts + wrongHosts + badEnds + commandsNotDone ===
    0
  );
}

const pageHead = `# Delivery: nothing lost, nothing doubled

\`npm run matrix:delivery\` kills agent and platform with SIGKILL at random moments of scan jobs, commands and uploads, and starts them again. Both are
real processes, with the real spool on a disk and the real SQLite database; only the scans are made up. Between them a relay breaks off one
request in ten: before it gets through, in its middle, or after it and before the answer. At the end the platform's own database is
counted against what the scans must have found. \`-- --seed N --points N\` repeats any run; \`npm test\` runs a few points.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      points: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      write: { type: "boolean", default: false },
    },
  });
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  const counts = await runDelivery({
    seed: Number(values.seed),
    points: Number(values.points),
    cutShare: 0.1,
    tell,
  });
  tell(deliveryTable(counts));
  if (values.write) {
    const page = fileURLToPath(new URL("../../docs/measured/matrix-delivery.md", import.meta.url));
    await writeFile(page, `${pageHead}\nSeed ${counts.seed}.\n\n${deliveryTable(counts)}\n`);
  }
  process.exitCode = isPerfect(counts) ? 0 : 1;
}
