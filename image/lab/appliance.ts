import { type ApplianceCard, applianceCards } from "./addresses.ts";
import type { ProcessExit } from "./appliance-end.ts";
import { leaderOf, nspawnWith } from "./container.ts";
import type { CommandResult, Namespaces } from "./namespaces.ts";
import { applianceNetworkScript, plugScript, portOf } from "./network.ts";

/**
 * The process that shows the appliance's console: a screen for tests, or the terminal of the person
 * who started the lab.
 */
export interface ConsoleProcess {
  readonly exit: Promise<ProcessExit>;
}
export type OpenConsole<Console extends ConsoleProcess> = (
  command: readonly [string, ...string[]],
) => Console;

export interface ApplianceOptions {
  /** Tells several appliances of one lab apart, in at most ten letters. */
  name?: string;
  /** Extra `NAME=value` for the container's PID 1, as a kernel command line would give it. */
  environment?: readonly string[];
  /**
   * Zero-touch input of the first start: files of volumes by `LABEL/path`, and credentials of the
   * machine by name.
   */
  given?: {
    volumes?: Readonly<Record<string, string>>;
    credentials?: Readonly<Record<string, string>>;
  };
  /** Its network cards. Default: eth0 on LAN, eth1 on WAN. */
  cards?: readonly ApplianceCard[];
}

const machineId = "6f757472696465722d6c6162206d6163";

/**
 * The appliance: its root file system booted by systemd-nspawn, read-only with a volatile overlay,
 * its state on /data.
 */
export class Appliance<Console extends ConsoleProcess> {
  readonly #namespaces: Namespaces;
  readonly #openConsole: OpenConsole<Console>;
  readonly #options: ApplianceOptions;
  readonly #name: string;
  #console: Console | null = null;
  /** Its volumes and credentials at the next start. */
  cards: readonly ApplianceCard[];

  constructor(
    namespaces: Namespaces,
    openConsole: OpenConsole<Console>,
    options: ApplianceOptions = {},
  ) {
    this.#namespaces = namespaces;
    this.#openConsole = openConsole;
    this.#options = options;
    this.#name = options.name ?? "appliance";
    this.cards = options.cards ?? Object.values(applianceCards);
  }

  get #networkOption(): string {
    return `--network-namespace-path=/run/netns/${this.#name}`;
  }

  /** Its data disk, inside the lab's namespaces. */
  get dataFolder(): string {
    return this.#options.name === undefined ? "/run/lab/data" : `/run/lab/${this.#name}-data`;
  }

  get console(): Console {
    if (this.#console === null) throw new Error("the appliance is off");
    return this.#console;
  }

  /** Switches it on; does not wait for anything. */
  async start(): Promise<void> {
    if (this.#console !== null) throw new Error("the appliance is on already");
    await this.#namespaces.script(applianceNetworkScript(this.#name, this.cards));
    const given = await this.#prepareGiven();
    const group = `/sys/fs/cgroup/${this.#namespaces.name}/${this.#name}`;
    const nspawn = [
      // networkd sets its links' own sysctls.
      "env",
      "SYSTEMD_NSPAWN_API_VFS_WRITABLE=network",
      // Several appliances start from one folder, which nobody writes to.
      "SYSTEMD_NSPAWN_LOCK=0",
      "systemd-nspawn",
      "--quiet",
      "--register=no",
      "--keep-unit",
      "--boot",
      "--directory=/run/lab/system",
      "--volatile=overlay",
      `--bind=${this.dataFolder}:/data`,
      "--machine=outrider",
      "--hostname=outrider",
      `--uuid=${machineId}`,
      this.#networkOption,
      "--capability=CAP_NET_ADMIN",
      "--resolv-conf=off",
      "--timezone=off",
      "--link-journal=no",
      "--console=interactive",
      ...given,
      ...(this.#options.environment ?? []).map((assignment) => `--setenv=${assignment}`),
    ];
    // nspawn manages the cgroup in which it starts, so it gets one of its own. It mounts the
    // container's /sys before it joins the network namespace, so that /sys must be there already.
    const enter = [
      `find ${group} -depth -type d -exec rmdir {} + 2>/dev/null`,
      `mkdir -p ${group} && echo 0 >${group}/cgroup.procs`,
      "mount -t sysfs sysfs /sys && mount -t cgroup2 cgroup2 /sys/fs/cgroup",
      'exec "$@"',
    ].join("; ");
    const inside = ["unshare", "--mount", "sh", "-c", enter, "sh", ...nspawn];
    const console = this.#openConsole(this.#namespaces.command(inside, this.#name));
    this.#console = console;
    void console.exit.then(() => {
      if (this.#console === console) this.#console = null;
    });
  }

  /**
   * nspawn has no discs and sticks: bind mounts put their folders where the collector looks for
   * them.
   */
  async #prepareGiven(): Promise<string[]> {
    const { volumes = {}, credentials = {} } = this.#options.given ?? {};
    const labels = [...new Set(Object.keys(volumes).map((path) => path.split("/", 1)[0] ?? ""))];
    for (const [path, content] of Object.entries(volumes))
      await this.#namespaces.run(
        ["sh", "-c", 'mkdir -p "$(dirname "$1")" && cat >"$1"', "sh", `/run/lab/volumes/${path}`],
        { input: content },
      );
    return [
      ...labels.map(
        (label) => `--bind-ro=/run/lab/volumes/${label}:/run/outrider-volumes/${label}`,
      ),
      ...Object.entries(credentials).map(([name, value]) => `--set-credential=${name}:${value}`),
    ];
  }

  #leader(): Promise<number | null> {
    return leaderOf(this.#namespaces, this.#networkOption);
  }

  /** Runs a command inside, as root. */
  async exec(
    command: readonly string[],
    options: { input?: string; timeoutMs?: number; mayFail?: boolean } = {},
  ): Promise<CommandResult> {
    return await this.#namespaces.run(await this.#inside(command), options);
  }

  /** A command inside, as root, on a terminal of its own, as from a shell there. */
  async openTerminal(command: readonly string[]): Promise<Console> {
    return this.#openConsole(this.#namespaces.command(await this.#inside(command)));
  }

  async #inside(command: readonly string[]): Promise<string[]> {
    const leader = await this.#leader();
    if (leader === null) throw new Error("the appliance is off");
    return [
      "nsenter",
      "-t",
      String(leader),
      "-m",
      "-u",
      "-i",
      "-n",
      "-p",
      "-C",
      "-r",
      "-w",
      "--",
      ...command,
    ];
  }

  /** The path of one of its files for this process, also of a socket. */
  async path(inside: string): Promise<string> {
    const leader = await this.#leader();
    if (leader === null) throw new Error("the appliance is off");
    return this.#namespaces.path(`/proc/${leader}/root${inside}`);
  }

  /** For a person at a shell of this machine. */
  enterCommand(): string {
    const inside = `nsenter -t $(cat /proc/$(pgrep -x systemd-nspawn)/task/*/children) -m -u -i -n -p -C -r -w -- /bin/bash`;
    return `nsenter -t ${this.#namespaces.pid} -m -n -p -i -u -- sh -c '${inside}'`;
  }

  /** Resolves when systemd has started everything; returns the units that failed. */
  async booted(timeoutMs = 60_000): Promise<{ state: string; failedUnits: string[] }> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const { stdout } = await this.exec(["systemctl", "is-system-running", "--wait"], {
        mayFail: true,
        timeoutMs,
      }).catch(() => ({ stdout: "" }));
      if (stdout === "running" || stdout === "degraded") {
        const { stdout: failed } = await this.exec([
          "systemctl",
          "list-units",
          "--failed",
          "--plain",
          "--no-legend",
        ]);
        return {
          state: stdout,
          failedUnits: failed.split("\n").flatMap((line) => line.split(/\s+/)[0] || []),
        };
      }
      if (performance.now() > deadlineMs)
        throw new Error(
          `the appliance has not booted within ${timeoutMs} ms (${stdout || "no answer"})`,
        );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Puts a card into the running appliance. */
  async plug(card: ApplianceCard): Promise<void> {
    await this.#namespaces.script(plugScript(this.#name, card));
  }

  /** Takes a card out of the running appliance. */
  async unplug(name: string): Promise<void> {
    await this.#namespaces.run(["ip", "link", "delete", portOf(name, this.#name)]);
  }

  /** Pulls the cable of a card, or puts it back. */
  async setCarrier(name: string, carrier: boolean): Promise<void> {
    await this.#namespaces.run([
      "ip",
      "link",
      "set",
      portOf(name, this.#name),
      carrier ? "up" : "down",
    ]);
  }

  async journal(unit?: string): Promise<string> {
    const { stdout } = await this.exec(
      [
        "journalctl",
        "--no-pager",
        "-o",
        "short-precise",
        ...(unit === undefined ? [] : ["-u", unit]),
      ],
      { mayFail: true },
    );
    return stdout;
  }

  /** Kills the main process of a unit as kill -9 would. */
  async kill9Unit(unit: string): Promise<void> {
    await this.exec(["systemctl", "kill", "--signal=KILL", "--kill-whom=main", unit]);
  }

  /** Simulates a power cut: kills everything inside without a signal that it could handle. */
  async kill9(): Promise<void> {
    const leader = await this.#leader();
    const victims = [
      ...(await nspawnWith(this.#namespaces, this.#networkOption)),
      ...(leader === null ? [] : [leader]),
    ];
    const exit = this.#console?.exit;
    if (victims.length > 0)
      await this.#namespaces.run(["kill", "-KILL", ...victims.map(String)], { mayFail: true });
    await exit;
    this.#console = null;
  }

  /** Switches it off as the hypervisor's button does. */
  async powerOff(): Promise<void> {
    const exit = this.#console?.exit;
    await this.exec(["systemctl", "poweroff"], { mayFail: true });
    await exit;
    this.#console = null;
  }
}
