import { readFile } from "node:fs/promises";
import type { Clock } from "../../base/clock.ts";
import { systemClock } from "../../base/clock.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { firewallTable } from "../../network/guards.ts";
import { type GuardCounts, readGuardCounts } from "../../network/routing/guard-counts.ts";
import { ourRules, ruleChanges } from "../../network/routing/policy-rules.ts";
import { validators } from "../../network/routing/validators.ts";
import type { Routing } from "../../network/split-routing.ts";
import { runCommand } from "./systemctl.ts";
import { agentUnit } from "./units.ts";

/** How long the management side may take to lose its addresses when it is given up. */
const quietLimitMs = 5000;
const quietPollMs = 100;
const families = ["-4", "-6"] as const;

/**
 * Rules, packet filter and the agent's interfaces, as the kernel and systemd have them. What was
 * last loaded is noted below /run, so that loading the same again does not set the guards' counters
 * back.
 */
export class RealRouting {
  readonly #noted: string;
  readonly #clock: Clock;

  constructor(noted: string, clock: Clock = systemClock) {
    this.#noted = noted;
    this.#clock = clock;
  }

  /**
   * Into split mode the guards come first; out of it they go last, when the side that is given up
   * has no address any more.
   */
  async set(routing: Routing): Promise<void> {
    const before = await readFile(this.#noted, "utf8").catch(() => "");
    if (!routing.split && before !== routing.firewall) await this.#waitUntilQuiet(routing);
    if (routing.split) await this.#loadFirewall(routing, before);
    for (const family of families) await this.#setRules(family, routing.rules);
    if (!routing.split) await this.#loadFirewall(routing, before);
    await restrictAgent(routing.agentInterfaces);
    await writeRunFile(this.#noted, routing.firewall, 0o600);
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

  async #loadFirewall({ firewall }: Routing, before: string): Promise<void> {
    if (before === firewall && (await this.#isLoaded(firewall))) return;
    await runCommand("nft", ["-f", "-"], { input: firewall });
  }

  /**
   * A card that was taken away took its guard with it (before Linux 6.16), and comes back without
   * one.
   */
  async #isLoaded(firewall: string): Promise<boolean> {
    const chains = (text: string) =>
      new Set(text.match(/^\s*chain \w+ /gm)?.map((line) => line.trim()));
    const devices = (text: string) =>
      new Set(text.match(/hook egress devices? = ?\{? ?"[^"]+"|hook egress device "[^"]+"/g)).size;
    const tables = await Promise.all(
      ["inet", "netdev"].map((family) =>
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
    // networkd takes away every rule that is not in its files (ManageForeignRoutingPolicyRules=)
    // but those of the kernel.
    for (const rule of add)
      await runCommand("ip", [family, "rule", "add", ...rule.split(" "), "protocol", "kernel"]);
    for (const rule of remove) await runCommand("ip", [family, "rule", "del", ...rule.split(" ")]);
  }

  /** Until then a scan that still runs would find its way out by the default route there. */
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
 * By a property of the running systemd: a drop-in of the unit would need a daemon-reload, at which
 * netplan writes all of networkd's files anew and the next reload reconfigures every link. It holds
 * from the unit's next start.
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
  // The empty one first: the property is a list to which is added.
  const words = [
    "RestrictNetworkInterfaces=",
    ...(wanted === "" ? [] : [`RestrictNetworkInterfaces=${wanted}`]),
  ];
  await runCommand("systemctl", ["set-property", "--runtime", agentUnit, ...words]);
}
