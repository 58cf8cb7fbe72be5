import type { Clock } from "../../base/clock.ts";
import { systemClock } from "../../base/clock.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { firewallTable, nobodysAddress } from "../../network/guards.ts";
import { type GuardCounts, readGuardCounts } from "../../network/routing/guard-counts.ts";
import { ourRules, ruleChanges } from "../../network/routing/policy-rules.ts";
import { validators } from "../../network/routing/validators.ts";
import type { Routing } from "../../network/split-routing.ts";
import { runCommand } from "./systemctl.ts";
import { agentUnit } from "./units.ts";

/** How long the management interface may take to lose its routes when split mode ends. */
const quietLimitMs = 5000;
const quietPollMs = 100;
const families = ["-4", "-6"] as const;

/**
 * Policy rules, guards and the agent's interfaces, set by ip(8), nft(8) and systemd. The packet
 * filter's text that was loaded last is kept below /run: loading the same text again would reset the
 * guards' counters.
 */
export class RealRouting {
  readonly #loadedFile: string;
  readonly #clock: Clock;

  constructor(loadedFile: string, clock: Clock = systemClock) {
    this.#loadedFile = loadedFile;
    this.#clock = clock;
  }

  /**
   * Sets rules and guards. Entering split mode, the guards come first; leaving it, they go last, once
   * the management interface has lost its routes.
   */
  async set(routing: Routing): Promise<void> {
    const before = await readTextIfPossible(this.#loadedFile);
    if (!routing.split && before !== routing.firewall) await this.#waitUntilQuiet(routing);
    if (routing.split) {
      await this.#loadFirewall(routing, before);
      await runCommand("ip", ["address", "replace", `${nobodysAddress}/32`, "dev", "lo"]);
    }
    for (const family of families) await this.#setRules(family, routing.rules);
    if (!routing.split) {
      await runCommand("ip", ["address", "flush", "dev", "lo", "to", `${nobodysAddress}/32`]);
      await this.#loadFirewall(routing, before);
    }
    await restrictAgent(routing.agentInterfaces);
    await writeRunFile(this.#loadedFile, routing.firewall, 0o600);
  }

  async counts(): Promise<GuardCounts | null> {
    const answer: unknown = JSON.parse(
      (await runCommand("nft", ["--json", "list", "counters"])).toString("utf8"),
    );
    const list = validators.CounterList(answer);
    return list.valid ? readGuardCounts(list.value) : null;
  }

  async forgetCounts(): Promise<void> {
    if ((await this.counts()) === null) return;
    for (const family of ["inet", "netdev"])
      await runCommand("nft", ["reset", "counters", "table", family, firewallTable]);
  }

  async #loadFirewall({ firewall }: Routing, before: string | null): Promise<void> {
    if (before === firewall && (await this.#isLoaded(firewall))) return;
    await runCommand("nft", ["-f", "-"], { input: firewall });
  }

  /**
   * Whether the kernel still has all guards. Before Linux 6.16, a card that is removed takes its
   * netdev chain with it, and comes back without one.
   */
  async #isLoaded(firewall: string): Promise<boolean> {
    const chains = (text: string) =>
      new Set(text.match(/^\s*chain \w+ /gm)?.map((line) => line.trim()));
    const devices = (text: string) =>
      new Set(
        text.match(
          /hook (?:in|e)gress devices? = ?\{? ?"[^"]+"|hook (?:in|e)gress device "[^"]+"/g,
        ),
      ).size;
    const tables = await Promise.all(
      ["inet", "netdev"].map((family) =>
        // The table does not exist before it is first loaded.
        runCommand("nft", ["list", "table", family, firewallTable]).then(String, () => ""),
      ),
    );
    const present = tables.join("\n");
    return chains(present).size === chains(firewall).size && devices(present) === devices(firewall);
  }

  async #setRules(family: (typeof families)[number], wanted: readonly string[]): Promise<void> {
    const answer: unknown = JSON.parse(
      (await runCommand("ip", ["-json", family, "rule", "show"])).toString("utf8"),
    );
    const list = validators.RuleList(answer);
    const { add, remove } = ruleChanges(list.valid ? ourRules(list.value) : [], wanted);
    // networkd.conf(5), ManageForeignRoutingPolicyRules=: networkd removes every rule that is not in
    // its files, except those with protocol "kernel".
    for (const rule of add)
      await runCommand("ip", [family, "rule", "add", ...rule.split(" "), "protocol", "kernel"]);
    for (const rule of remove) await runCommand("ip", [family, "rule", "del", ...rule.split(" ")]);
  }

  /** Waits until no default route leads out of the management interface, which a scan would use. */
  async #waitUntilQuiet({ lan }: Routing): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + quietLimitMs;
    const busy = async () => {
      const routes = await Promise.all(
        families.map((family) =>
          runCommand("ip", ["-oneline", family, "route", "show", "table", "main", "default"]),
        ),
      );
      const devices = routes.join("\n").matchAll(/ dev (\S+)/g);
      return [...devices].some(([, device]) => device !== lan);
    };
    while ((await busy()) && this.#clock.monotonicMs() < deadlineMs)
      await this.#clock.sleep(quietPollMs, new AbortController().signal);
  }
}

/**
 * Restricts the agent's unit to these interfaces, from its next start. Sets a property of the running
 * systemd: a drop-in would need a daemon-reload, at which netplan's generator rewrites all of
 * networkd's files, and the next reload would reconfigure every link.
 */
async function restrictAgent(interfaces: readonly string[] | null): Promise<void> {
  const wanted = interfaces === null ? "" : [...interfaces].sort().join(" ");
  const present = (
    await runCommand("systemctl", [
      "show",
      "--property=RestrictNetworkInterfaces",
      "--value",
      agentUnit,
    ])
  ).toString("utf8");
  const now = present.trim().replace(/^~/, "").split(" ").filter(Boolean).sort().join(" ");
  if (now === wanted) return;
  // systemd adds to the list unless it is emptied first.
  const assignments = [
    "RestrictNetworkInterfaces=",
    ...(wanted === "" ? [] : [`RestrictNetworkInterfaces=${wanted}`]),
  ];
  await runCommand("systemctl", ["set-property", "--runtime", agentUnit, ...assignments]);
}
