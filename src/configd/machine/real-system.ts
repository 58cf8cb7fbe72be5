import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { ignoring, readTextIfPossible } from "../../base/missing-file.ts";
import { entryPath } from "../../base/process-path.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { generateNetworkdFiles } from "../../network/generate.ts";
import { liveInterfaces, watchKernel } from "../../network/live.ts";
import type { GuardCounts } from "../../network/routing/guard-counts.ts";
import type { Routing } from "../../network/split-routing.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { HealthFigures } from "../../protocol/schemas/health.ts";
import type { TypedSettings } from "../../settings/typed-settings.ts";
import type { ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { HostFigures } from "./host-figures.ts";
import { KnownCards } from "./known-cards.ts";
import { installNetworkFiles } from "./networkd.ts";
import { runDoctorUnit } from "./real-doctor.ts";
import { RealRouting } from "./real-routing.ts";
import { RealTools } from "./real-tools.ts";
import { reverterProperties } from "./reverter-properties.ts";
import type { LiveInterface, NetworkFiles, System, UnitState } from "./system.ts";
import { listUnits, runCommand, tryCommand } from "./systemctl.ts";
import { zeroTouchUnit } from "./units.ts";
import { readCollected } from "./zero-touch-documents.ts";

/** The first line of a secret's file: whether the rest is encrypted. */
const sealedMark = "sealed\n";
const plainMark = "plain\n";

/** The units whose journal goes into a support bundle. */
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
  readonly #log: Log;
  readonly #figures: HostFigures;
  readonly #routing: RealRouting;
  readonly #cards: KnownCards;

  constructor(paths: AppliancePaths, log: Log) {
    this.#paths = paths;
    this.#log = log;
    this.tools = new RealTools(paths);
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

  install(files: NetworkFiles): Promise<void> {
    return installNetworkFiles(this.#paths.networkd, files);
  }

  async setHostname(name: string): Promise<void> {
    const present = await readTextIfPossible(this.#paths.hostname);
    if (present?.trim() !== name) {
      await mkdir(dirname(this.#paths.hostname), { recursive: true });
      // Written in place, because a bind mount cannot be replaced by rename(2).
      await writeFile(this.#paths.hostname, `${name}\n`);
    }
    // hostname(1) calls sethostname(2), which Node lacks; /proc/sys is read-only in configd's unit.
    await runCommand("hostname", [name]);
  }

  async setTimeServers(configuration: string): Promise<void> {
    const path = this.#paths.timesyncd;
    if ((await readTextIfPossible(path)) === configuration) return;
    await writeRunFile(path, configuration, 0o644);
    // timesyncd reads its files only when it starts; at boot it starts later.
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
    await tryCommand("a unit that is not loaded has not failed", "systemctl", [
      "reset-failed",
      name,
    ]);
  }

  async armReverter(id: string, delayMs: number): Promise<void> {
    // systemd.timer(5), AccuracySec=: by default a timer may fire a minute late.
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
        ...reverterProperties.map((each) => `--property=${each}`),
        "--",
        process.execPath,
        entryPath("configd"),
        "revert",
        id,
      ]),
    ]);
    // The new timer runs before the old ones stop, so that one is always armed.
    for (const { name } of present)
      if (name !== `${unit}.timer`) await runCommand("systemctl", ["stop", name]);
  }

  async disarmReverter(id: string): Promise<void> {
    // Stop only timers, not services: a running reverter may be the caller.
    await runCommand("systemctl", ["stop", `outrider-revert-${id}-*.timer`]);
  }

  async zeroTouchDocuments(again: boolean): Promise<ZeroTouchDocument[]> {
    // The collector runs as a unit that may mount volumes and read devices, and nothing else.
    const { collected, again: mark } = this.#paths.zeroTouch;
    if (again) await writeFile(mark, "");
    try {
      if (again) await runCommand("systemctl", ["restart", zeroTouchUnit], { timeoutMs: 100_000 });
      return await readCollected(collected);
    } finally {
      await rm(mark, { force: true });
      // The documents contain secrets.
      await rm(collected, { recursive: true, force: true });
    }
  }

  async journal(lines: number): Promise<string> {
    const args = [
      "--no-pager",
      "--quiet",
      "--output=short-iso",
      `--lines=${lines}`,
      ...supportUnits.map((unit) => `--unit=${unit}`),
    ];
    return (await runCommand("journalctl", args, { timeoutMs: 20_000 })).toString("utf8");
  }

  async power(action: "reboot" | "poweroff"): Promise<void> {
    await runCommand("systemctl", ["--no-block", action]);
  }

  runDoctor(signal: AbortSignal, only?: string): Promise<CheckResult[]> {
    return runDoctorUnit(this.#paths, signal, { only });
  }

  testTyped(typed: TypedSettings, signal: AbortSignal, only?: string): Promise<CheckResult[]> {
    return runDoctorUnit(this.#paths, signal, { only, typed });
  }

  async clockSynchronized(): Promise<boolean> {
    // systemd-timesyncd.service(8): the file is there after the first reply of a time server.
    const mark = "/run/systemd/timesync/synchronized";
    return (await stat(mark).catch(ignoring("not synchronized yet"))) !== undefined;
  }

  hostFigures(): Promise<HealthFigures> {
    return this.#figures.read();
  }

  async seal(name: string, secret: Uint8Array): Promise<Uint8Array> {
    let reason = "what was sealed does not open again";
    try {
      const sealed = await this.#credentials(
        ["encrypt", "--with-key=host", `--name=${name}`, "-", "-"],
        secret,
      );
      const again = await this.#credentials(["decrypt", `--name=${name}`, "-", "-"], sealed);
      if (again.equals(Buffer.from(secret)))
        return Buffer.concat([Buffer.from(sealedMark), sealed]);
    } catch (error) {
      if (!(error instanceof OutriderError)) throw error;
      reason = error.message;
    }
    // This machine cannot create a key. The file's permissions have to protect the secret.
    this.#log.warning("secret stored without a seal", { secret: name, reason });
    return Buffer.concat([Buffer.from(plainMark), secret]);
  }

  async unseal(name: string, sealed: Uint8Array): Promise<Uint8Array> {
    const content = Buffer.from(sealed);
    const head = content.subarray(0, content.indexOf(0x0a) + 1).toString("latin1");
    const rest = content.subarray(head.length);
    if (head === plainMark) return rest;
    // seal() writes nothing else, so this is damage.
    if (head !== sealedMark) throw new OutriderError("sealed-elsewhere");
    // Only a systemd-creds(1) that ran and failed proves another machine's key; one that was killed or
    // did not start proves nothing.
    return this.#credentials(["decrypt", `--name=${name}`, "-", "-"], rest, "sealed-elsewhere");
  }

  /**
   * Runs systemd-creds with the machine's key on the data partition: /var, its usual place, is new
   * after each boot.
   */
  #credentials(args: readonly string[], input: Uint8Array, refusal?: ErrorCode): Promise<Buffer> {
    const environment = {
      SYSTEMD_CREDENTIAL_SECRET: join(this.#paths.data, "host/credential.secret"),
    };
    return runCommand("systemd-creds", args, {
      input,
      environment,
      timeoutMs: 10_000,
      refusal,
    });
  }
}
