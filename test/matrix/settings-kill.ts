import { isDeepStrictEqual } from "node:util";
import type { HostName } from "../../image/lab/addresses.ts";
import type { Appliance } from "../../image/lab/appliance.ts";
import type { Lab } from "../../image/lab/lab.ts";
import type { Terminal } from "../../image/terminal/terminal.ts";
import { validators } from "../../src/configd/api/reply-validators.ts";
import { routes } from "../../src/configd/api/routes.ts";
import type { Status } from "../../src/configd/api/status.ts";
import {
  defaultInterface,
  defaultSettings,
  type InterfaceSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { renderSettings } from "../../src/settings/render.ts";
import { withNetworkReset } from "../../src/settings/reset.ts";
import { seededFractions } from "../testkit/agent/cutting-relay.ts";
import { type CutPoint, cutPoints } from "./settings-points.ts";

type SettingsLab = Pick<Lab<Terminal>, "namespaces" | "exec"> & { appliance: Appliance<Terminal> };

export interface CutResult {
  operation: CutPoint["operation"];
  step: string;
  delayMs: number;
  from: string;
  /** The settings that hold after the next start. */
  kept: "old" | "new";
  startSeconds: number;
  fault: string | null;
}

const card = (number: 1 | 2, more: Partial<InterfaceSettings> = {}): InterfaceSettings => ({
  ...structuredClone(defaultInterface),
  macAddress: `52:54:00:0a:00:0${number}`,
  ...more,
});
const fixed = (number: 1 | 2, address: string, gateway: string) =>
  card(number, {
    ipv4: { method: "static", address: `${address}/24`, gateway },
    dns: { servers: [gateway], search: [] },
  });

/**
 * Both segments in use, so that both cards have to answer. Without a platform: its checks would
 * only take time.
 */
const configurations: readonly { name: string; settings: Settings }[] = [
  {
    name: "DHCP on both",
    settings: settingsOf("by-dhcp", { mode: "split", lan: card(1), wan: card(2) }),
  },
  {
    name: "static on both",
    settings: settingsOf("by-hand", {
      mode: "split",
      lan: fixed(1, "192.0.2.50", "192.0.2.1"),
      wan: fixed(2, "198.51.100.60", "198.51.100.1"),
    }),
  },
];

function settingsOf(hostname: string, network: Settings["network"]): Settings {
  return { ...structuredClone(defaultSettings), hostname, network };
}

export interface KillOptions {
  seed: number;
  points: number;
  tell?: (result: CutResult, index: number) => void;
}

/** Puts settings where an appliance that is off has them. */
export async function keepBeforeStart(
  { namespaces }: Pick<SettingsLab, "namespaces">,
  settings: Settings,
): Promise<void> {
  const folder = "/run/lab/data/outrider/settings";
  await namespaces.run(["sh", "-c", `mkdir -p ${folder} && cat >${folder}/appliance.yaml`], {
    input: renderSettings(settings, null),
  });
}

export const firstSettings: Settings = configurations[0]?.settings ?? defaultSettings;

/**
 * Pulls the plug of one booted appliance again and again, each time while its settings are changed,
 * and checks after each start the saved and the active settings, and whether both cards answer.
 */
export async function killAtSteps(
  lab: SettingsLab,
  { seed, points, tell }: KillOptions,
): Promise<CutResult[]> {
  const fraction = seededFractions(seed);
  // Round by round, each with every step in an order that the seed decides.
  const rounds = Array.from({ length: Math.ceil(points / cutPoints.length) }, () =>
    cutPoints
      .map((point) => ({ point, at: fraction() }))
      .sort((one, other) => one.at - other.at)
      .map(({ point }) => point),
  );
  const results: CutResult[] = [];
  let present = firstSettings;
  for (const point of rounds.flat().slice(0, points)) {
    const result = await cutOnce(
      lab,
      point,
      Math.round(fraction() * point.spreadMs * 10) / 10,
      present,
    );
    present = result.settings;
    results.push(result.row);
    tell?.(result.row, results.length);
  }
  return results;
}

async function cutOnce(
  lab: SettingsLab,
  point: CutPoint,
  delayMs: number,
  present: Settings,
): Promise<{ row: CutResult; settings: Settings }> {
  const { appliance } = lab;
  // A reset right after a reset would change nothing.
  const idle =
    point.operation === "reset network" && isDeepStrictEqual(withNetworkReset(present), present);
  const before = idle ? firstSettings : present;
  if (idle) await keep(lab, before);
  const other = configurations.find(({ settings }) => !isDeepStrictEqual(settings, before)) ?? {
    name: "",
    settings: firstSettings,
  };
  const wanted = point.operation === "reset network" ? withNetworkReset(before) : other.settings;
  if (point.operation === "keep" || point.operation === "revert")
    await call(lab, "try", { settings: wanted });
  const cut = cutWhen(lab, point.when, delayMs);
  await cut.ready;
  const operation = begin(lab, point.operation, wanted).catch(() => undefined);
  await cut.done;
  await appliance.kill9();
  await operation;

  const startedMs = performance.now();
  await appliance.start();
  const { failedUnits } = await appliance.booted();
  const startSeconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const allowed =
    point.operation === "keep" || point.operation === "reset network" ? [before, wanted] : [before];
  const { settings, fault } = await look(lab, allowed);
  const row: CutResult = {
    operation: point.operation,
    step: point.step,
    delayMs,
    from:
      configurations.find((each) => isDeepStrictEqual(each.settings, before))?.name ??
      "network reset",
    kept: isDeepStrictEqual(settings, wanted) ? "new" : "old",
    startSeconds,
    fault: failedUnits.length > 0 ? `failed units: ${failedUnits.join(", ")}` : fault,
  };
  return { row, settings };
}

async function keep(lab: SettingsLab, settings: Settings): Promise<void> {
  await call(lab, "try", { settings });
  const { trial } = await status(lab);
  await call(lab, "keep", { id: trial?.id ?? "0" });
}

async function begin(
  lab: SettingsLab,
  operation: CutPoint["operation"],
  wanted: Settings,
): Promise<void> {
  if (operation === "try") await call(lab, "try", { settings: wanted });
  else if (operation === "reset network") await call(lab, "recoverNetwork", {});
  else {
    const { trial } = await status(lab);
    await call(lab, operation, { id: trial?.id ?? "0" });
  }
}

/**
 * Kills all of the appliance at once as soon as the condition holds: in a loop of shell built-ins,
 * which notices within a fraction of a millisecond, and by the cgroup: after the kill of a
 * namespace's first process the kernel takes milliseconds until the others get the signal.
 */
/**
 * How often the shell goes around an empty loop in a millisecond, about: the program sleep takes
 * some milliseconds by itself.
 */
const turnsPerMs = 1000;
const longestTurnsMs = 20;

function cutWhen(
  { namespaces }: SettingsLab,
  condition: string,
  delayMs: number,
): { ready: Promise<void>; done: Promise<void> } {
  const turns = Math.round(delayMs * turnsPerMs);
  const wait =
    delayMs > longestTurnsMs
      ? `sleep ${(delayMs / 1000).toFixed(3)}`
      : `wait=0; while [ $wait -lt ${turns} ]; do wait=$((wait + 1)); done`;
  const script = `
set -u
# A first process that was killed and that nobody waited for is still listed; it has no root any more.
for status in $(grep -lE '^NSpid:[[:space:]]+[0-9]+[[:space:]]+1$' /proc/[0-9]*/status 2>/dev/null); do
  leader=\${status#/proc/}; leader=\${leader%/status}
  [ -e "/proc/$leader/root/run/outrider" ] && break
done
R=/proc/$leader/root; D=/run/lab/data/outrider; REF=/run/lab/cut-reference
: >"$REF"
sleep 0.02
: >/run/lab/cut-ready
turns=0
until ${condition}; do
  turns=$((turns + 1))
  [ $turns -lt 3000000 ] || break
done
${wait}
echo 1 >/sys/fs/cgroup/${namespaces.name}/appliance/cgroup.kill
[ $turns -gt 0 ] || echo early`;
  const done = (async () => {
    await namespaces.run(["rm", "-f", "/run/lab/cut-ready"]);
    const { stdout, stderr } = await namespaces.run(["sh", "-s"], {
      input: script,
      timeoutMs: 120_000,
      mayFail: true,
    });
    if (stdout !== "" && condition !== ":")
      throw new Error(`it was as if ${condition} before anything was done ${stderr}`);
  })();
  const ready = eventually(
    "the plug is in hand",
    async () =>
      (await namespaces.run(["test", "-e", "/run/lab/cut-ready"], { mayFail: true })).exitCode ===
      0,
  );
  return { ready, done };
}

/** The settings that hold after the start, and the problem or null. */
async function look(
  lab: SettingsLab,
  allowed: readonly Settings[],
): Promise<{ settings: Settings; fault: string | null }> {
  let now = await status(lab);
  try {
    await eventually(
      "the interfaces have the addresses of the settings, and answer",
      async () => {
        now = await status(lab);
        return (await reachFault(lab, now)) === null;
      },
      60_000,
    );
  } catch {
    return { settings: now.settings, fault: (await reachFault(lab, now)) ?? "it came too late" };
  }
  const { settings, trial, settingsSource, settingsFailure } = now;
  const { stdout: timers } = await lab.appliance.exec([
    "systemctl",
    "list-timers",
    "--plain",
    "--no-legend",
    "outrider-revert-*",
  ]);
  const faults = [
    allowed.some((each) => isDeepStrictEqual(each, settings))
      ? null
      : `settings of ${settings.hostname} hold`,
    trial === null ? null : "a trial is left",
    settingsSource === "file" ? null : `the settings came from ${settingsSource}`,
    settingsFailure === null ? null : settingsFailure.detail,
    timers.trim() === "" ? null : "a reverter is left",
  ];
  return { settings, fault: faults.find((fault) => fault !== null) ?? null };
}

async function reachFault(
  lab: SettingsLab,
  { settings, interfaces }: Status,
): Promise<string | null> {
  const { network } = settings;
  const roles: [name: "lan" | "wan", own: InterfaceSettings, from: HostName][] = [
    ["lan", network.lan, "station"],
  ];
  if (network.mode === "split") roles.push(["wan", network.wan, "platform"]);
  for (const [role, own, from] of roles) {
    const found = interfaces.find((entry) => entry.role === role);
    const address = found?.addresses.find((each) => !each.includes(":"));
    if (address === undefined) return `${role} has no address`;
    const right =
      own.ipv4.method === "static" ? address === own.ipv4.address : found?.dhcp === true;
    if (!right) return `${role} has ${address}`;
    const { stdout } = await lab.exec(
      from,
      ["nmap", "-sn", "-n", "-PE", "--disable-arp-ping", address.split("/")[0] ?? ""],
      { mayFail: true },
    );
    if (!stdout.includes("Host is up")) return `${address} does not answer`;
  }
  return null;
}

async function status(lab: SettingsLab): Promise<Status> {
  // Ask until configd answers, and then once more: a question makes it read the links again, and
  // only the next answer has them.
  await eventually("configd answers", () =>
    call(lab, "status", {}).then(
      () => true,
      () => false,
    ),
  );
  const reply = validators.status(await call(lab, "status", {}));
  if (!reply.valid) throw new Error(`the status is not understood: ${reply.violations[0]?.path}`);
  return reply.value;
}

/**
 * One of configd's verbs from inside, without the start of a program that takes longer than the
 * verb.
 */
async function call(
  { appliance }: SettingsLab,
  verb: "status" | "try" | "keep" | "revert" | "recoverNetwork",
  request: object,
): Promise<unknown> {
  const { method, path } = routes[verb];
  const program = `
const call = require("node:http").request({ socketPath: "/run/outrider/console.sock", method: process.argv[1], path: process.argv[2], headers: { "content-type": "application/json" } });
call.on("response", (reply) => { reply.pipe(process.stdout); reply.on("end", () => { process.exitCode = reply.statusCode < 400 ? 0 : 1; }); });
process.stdin.pipe(call);`;
  const { stdout, exitCode } = await appliance.exec(
    ["/usr/lib/outrider/node", "-e", program, method, path],
    {
      input: method === "GET" ? "" : JSON.stringify(request),
      mayFail: true,
      timeoutMs: 150_000,
    },
  );
  if (exitCode !== 0) throw new Error(`${verb}: ${stdout}`);
  return JSON.parse(stdout);
}

export function cutTable(results: readonly CutResult[]): string {
  const rows = cutPoints.map(({ operation, step }) => {
    const mine = results.filter((each) => each.operation === operation && each.step === step);
    const count = (kept: CutResult["kept"]) => mine.filter((each) => each.kept === kept).length;
    const slowest = Math.max(0, ...mine.map(({ startSeconds }) => startSeconds));
    return `| ${operation} | ${step} | ${mine.length} | ${count("old")} | ${count("new")} | ${mine.filter(({ fault }) => fault !== null).length} | ${slowest.toFixed(1)} |`;
  });
  return [
    "| operation | cut at | cuts | old settings hold | new ones hold | **wrong** | slowest start, s |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** Not of testkit/lab/lab.ts, which only runs within a test. */
async function eventually(
  what: string,
  check: () => Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
