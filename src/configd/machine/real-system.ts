import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { entryPath } from "../../base/process-path.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { generateNetworkdFiles } from "../../network/generate.ts";
import { liveInterfaces, watchKernel } from "../../network/live.ts";
import { replaceNetworkdFiles } from "../../network/networkd-files.ts";
import type { GuardCounts } from "../../network/routing/guard-counts.ts";
import type { Routing } from "../../network/split-routing.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { HealthFigures } from "../../protocol/schemas/health.ts";
import type { ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { applianceOwners } from "./file-owners.ts";
import { HostFigures } from "./host-figures.ts";
import { KnownCards } from "./known-cards.ts";
import { runDoctorUnit } from "./real-doctor.ts";
import { RealRouting } from "./real-routing.ts";
import { RealTools } from "./real-tools.ts";
import type { LiveInterface, NetworkFiles, System, UnitState } from "./system.ts";
import { listUnits, runCommand } from "./systemctl.ts";
import { zeroTouchUnit } from "./units.ts";
import { readCollected } from "./zero-touch-documents.ts";

/** What stands before a secret in its file: how to read the rest. */
const sealedMark = "sealed\n";
const plainMark = "plain\n";

/** Whose journal helps somebody else to see what is wrong. */
const supportUnits = [
  "outrider-*",
  "systemd-networkd",
  "systemd-resolved",
  "systemd-timesyncd",
  "nftables",
];

/** The appliance itself: systemd, networkd, the kernel. */
export class RealSystem implements System {
  readonly simulated = null;
  readonly tools: RealTools;
  readonly #paths: AppliancePaths;
  readonly #figures: HostFigures;
  readonly #routing: RealRouting;
  readonly #cards: KnownCards;

  constructor(paths: AppliancePaths) {
    this.#paths = paths;
    this.tools = new RealTools(paths.keyboard);
    this.#figures = new HostFigures(paths.data);
    this.#cards = new KnownCards(paths);
    this.#routing = new RealRouting(paths.routing);
  }

  interfaces(): Promise<LiveInterface[]> {
    return this.#cards.remember(liveInterfaces());
  }

  watchInterfaces(changed: () => void, signal: AbortSignal): void {
    watchKernel(changed, signal);
  }

  generate(netplan: string): Promise<NetworkFiles> {
    return generateNetworkdFiles(netplan);
  }

  async install(files: NetworkFiles): Promise<void> {
    const { written, removed, staleNetdevs, movedLinks } = await replaceNetworkdFiles(
      this.#paths.networkd,
      files,
      await networkdOwner(),
    );
    if (written.length + removed.length === 0) return;
    // Before the network comes up there is nobody to tell: networkd reads the files when it starts.
    if (!(await networkdRuns())) return;
    for (const device of movedLinks) await forgetNetwork(device);
    for (const device of staleNetdevs)
      await runCommand("networkctl", ["delete", device]).catch(() => undefined);
    await runCommand("networkctl", ["reload"]);
  }

  async setHostname(name: string): Promise<void> {
    const present = await readFile(this.#paths.hostname, "utf8").catch(() => "");
    if (present.trim() !== name) {
      await mkdir(dirname(this.#paths.hostname), { recursive: true });
      // In place: the file may be a bind mount, which cannot be renamed over.
      await writeFile(this.#paths.hostname, `${name}\n`);
    }
    // sethostname(2), for which Node has no call; /proc/sys is read-only where this runs confined.
    await runCommand("hostname", [name]);
  }

  async setTimeServers(configuration: string): Promise<void> {
    const path = this.#paths.timesyncd;
    if ((await readFile(path, "utf8").catch(() => null)) === configuration) return;
    await writeRunFile(path, configuration, 0o644);
    // It reads its files when it starts only; at boot it does that later by itself.
    await runCommand("systemctl", ["try-restart", "--no-block", "systemd-timesyncd.service"]);
  }

  async renewLease(device: string): Promise<void> {
    await runCommand("networkctl", ["renew", device]);
  }

  async loadFirewall(rules: string): Promise<void> {
    await runCommand("nft", ["-f", "-"], { input: rules });
  }

  setRouting(routing: Routing): Promise<void> {
    return this.#routing.set(routing);
  }

  guardCounts(): Promise<GuardCounts | null> {
    return this.#routing.counts();
  }

  forgetGuardCounts(): Promise<void> {
    return this.#routing.forgetCounts();
  }

  async startUnit(name: string): Promise<void> {
    await runCommand("systemctl", ["start", "--no-block", name]);
  }

  async stopUnit(name: string): Promise<void> {
    await runCommand("systemctl", ["stop", name], { timeoutMs: 100_000 });
  }

  async restartUnit(name: string): Promise<void> {
    await this.resetFailed(name);
    await runCommand("systemctl", ["restart", "--no-block", name]);
  }

  async signalUnit(name: string, signal: "SIGUSR2"): Promise<void> {
    await runCommand("systemctl", ["kill", `--signal=${signal}`, "--kill-whom=main", name]);
  }

  units(pattern: string): Promise<UnitState[]> {
    return listUnits(pattern);
  }

  async resetFailed(name: string): Promise<void> {
    // It fails for a unit that is not loaded, which has nothing to forget.
    await runCommand("systemctl", ["reset-failed", name]).catch(() => undefined);
  }

  async armReverter(id: string, delayMs: number): Promise<void> {
    // systemd.timer(5): by default a timer may come a minute late.
    const timing = [
      `--on-active=${Math.max(1, Math.round(delayMs / 1000))}s`,
      "--timer-property=AccuracySec=1s",
    ];
    const unit = `outrider-revert-${id}-${Date.now()}`;
    const [present] = await Promise.all([
      listUnits(`outrider-revert-${id}-*.timer`),
      runCommand("systemd-run", [
        "--quiet",
        "--collect",
        `--unit=${unit}`,
        ...timing,
        "--",
        process.execPath,
        entryPath("configd"),
        "revert",
        id,
      ]),
    ]);
    // The new one runs before the old ones go: there is no moment without one.
    for (const { name } of present)
      if (name !== `${unit}.timer`) await runCommand("systemctl", ["stop", name]);
  }

  async disarmReverter(id: string): Promise<void> {
    // Only timers: a reverter that is under way may be the caller.
    await runCommand("systemctl", ["stop", `outrider-revert-${id}-*.timer`]);
  }

  async zeroTouchDocuments(anew: boolean): Promise<ZeroTouchDocument[]> {
    // Volumes are mounted and devices read by a unit that may do nothing else.
    const { collected, again } = this.#paths.zeroTouch;
    if (anew) await writeFile(again, "");
    try {
      if (anew) await runCommand("systemctl", ["restart", zeroTouchUnit], { timeoutMs: 100_000 });
      return await readCollected(collected);
    } finally {
      await rm(again, { force: true });
      // There are secrets in it.
      await rm(collected, { recursive: true, force: true });
    }
  }

  async journal(lines: number): Promise<string> {
    const words = [
      "--no-pager",
      "--quiet",
      "--output=short-iso",
      `--lines=${lines}`,
      ...supportUnits.map((unit) => `--unit=${unit}`),
    ];
    return (await runCommand("journalctl", words, { timeoutMs: 20_000 })).toString("utf8");
  }

  async power(action: "reboot" | "poweroff"): Promise<void> {
    await runCommand("systemctl", ["--no-block", action]);
  }

  runDoctor(signal: AbortSignal, only?: string): Promise<CheckResult[]> {
    return runDoctorUnit(this.#paths, signal, only);
  }

  async clockSynchronized(): Promise<boolean> {
    // systemd-timesyncd.service(8): there after the first answer of a time server.
    return (await stat("/run/systemd/timesync/synchronized").catch(() => null)) !== null;
  }

  hostFigures(): Promise<HealthFigures> {
    return this.#figures.read();
  }

  async seal(name: string, secret: Uint8Array): Promise<Uint8Array> {
    try {
      const sealed = await this.#credentials(
        ["encrypt", "--with-key=host", `--name=${name}`, "-", "-"],
        secret,
      );
      const again = await this.#credentials(["decrypt", `--name=${name}`, "-", "-"], sealed);
      if (again.equals(Buffer.from(secret)))
        return Buffer.concat([Buffer.from(sealedMark), sealed]);
    } catch {
      // No key can be made here: the file's permissions have to do.
    }
    return Buffer.concat([Buffer.from(plainMark), secret]);
  }

  async unseal(name: string, sealed: Uint8Array): Promise<Uint8Array> {
    const content = Buffer.from(sealed);
    const head = content.subarray(0, content.indexOf(0x0a) + 1).toString("latin1");
    const rest = content.subarray(head.length);
    // By systemd-creds(1)'s own exit it is certain; one that was killed or never ran has said
    // nothing about the key.
    return head === sealedMark
      ? this.#credentials(["decrypt", `--name=${name}`, "-", "-"], rest, "sealed-elsewhere")
      : rest;
  }

  /**
   * The machine's key lies with the rest of its state: the one in /var would be another after each
   * start.
   */
  #credentials(words: readonly string[], input: Uint8Array, refusal?: ErrorCode): Promise<Buffer> {
    const environment = {
      SYSTEMD_CREDENTIAL_SECRET: join(this.#paths.data, "host/credential.secret"),
    };
    return runCommand("systemd-creds", words, {
      input,
      environment,
      timeoutMs: 10_000,
      ...(refusal ? { refusal } : {}),
    });
  }
}

/**
 * networkd would keep the address of the same lease, and with it the connected route in the table
 * that it was in; and it leaves the routes of router advertisements where they were.
 */
async function forgetNetwork(device: string): Promise<void> {
  const quietly = (words: readonly string[]) => runCommand("ip", words).catch(() => undefined);
  await quietly(["address", "flush", "dev", device, "scope", "global"]);
  // Default routes of advertisements are by nexthop objects, for which a flush of routes fails;
  // with the object they go.
  await quietly(["nexthop", "flush", "dev", device]);
  for (const [family, origin] of [
    ["-4", "dhcp"],
    ["-4", "static"],
    ["-6", "ra"],
    ["-6", "dhcp"],
    ["-6", "static"],
  ] as const)
    await quietly([family, "route", "flush", "table", "all", "dev", device, "protocol", origin]);
}

/**
 * By its processes, which costs nothing to look at; where that does not tell, by asking systemd.
 */
async function networkdRuns(): Promise<boolean> {
  const events = await readFile(
    "/sys/fs/cgroup/system.slice/systemd-networkd.service/cgroup.events",
    "utf8",
  ).catch(() => "");
  if (/^populated 1$/m.test(events)) return true;
  const [networkd] = await listUnits("systemd-networkd.service");
  return networkd?.activeState === "active";
}

/** networkd reads its files as its own user; netplan gives them to root and that group. */
async function networkdOwner(): Promise<{ uid: number; gid: number } | null> {
  if (applianceOwners() === null) return null;
  const groups = await readFile("/etc/group", "utf8").catch(() => "");
  const gid = /^systemd-network:[^:]*:(\d+):/m.exec(groups)?.[1];
  return gid === undefined ? null : { uid: 0, gid: Number(gid) };
}
