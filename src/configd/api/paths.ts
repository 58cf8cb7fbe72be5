import { join } from "node:path";

/**
 * Where everything lies. `root` is empty on the appliance; tests and the simulated run put it
 * elsewhere.
 */
export function appliancePaths(root: string) {
  const data = join(root || "/", "data/outrider");
  const run = join(root || "/", "run/outrider");
  return {
    data,
    settings: {
      file: join(data, "settings/appliance.yaml"),
      announcement: join(data, "settings/announcement.json"),
      history: join(data, "settings/history"),
      /** The network cards that were here, and their roles. */
      cards: join(data, "settings/cards.json"),
    },
    zeroTouch: {
      /** What was read, and what became of it; while it is missing, it was not read yet. */
      report: join(data, "settings/zero-touch.json"),
      /** What the collector found, for this start. */
      collected: join(run, "zero-touch"),
      /** While it is there, the collector looks although it did before. */
      again: join(run, "zero-touch.again"),
    },
    /** While it is there, a factory reset is under way. */
    factoryReset: join(data, "factory-reset"),
    secrets: join(data, "secrets"),
    egress: join(data, "settings/egress.json"),
    /** Scans that are to be ended, until the agent knows. */
    stopScans: join(data, "settings/stop-scans.json"),
    scan: join(data, "scan"),
    run,
    consoleSocket: join(run, "console.sock"),
    agentSocket: join(run, "agent.sock"),
    /** What went wrong at boot, in words; empty when nothing did. */
    bootFailure: join(run, "boot-failure"),
    agentConfiguration: join(run, "agent.json"),
    /** Which layout the keyboard at the machine's screen has. */
    keyboard: join(run, "keyboard"),
    credentials: join(run, "credentials"),
    trial: {
      settings: join(run, "trial.yaml"),
      state: join(run, "trial.json"),
      decision: join(run, "trial.decision"),
      secrets: join(run, "trial-secrets"),
      last: join(run, "last-trial.json"),
    },
    keptNetplan: join(root || "/", "etc/netplan/90-outrider.yaml"),
    /** The packet filter's text that was loaded last. */
    routing: join(run, "routing.nft"),
    trialNetplan: join(root || "/", "run/netplan/90-outrider.yaml"),
    hostname: join(root || "/", "etc/hostname"),
    resolved: join(root || "/", "run/systemd/resolved.conf.d/90-outrider.conf"),
    timesyncd: join(root || "/", "run/systemd/timesyncd.conf.d/90-outrider.conf"),
    networkd: join(root || "/", "run/systemd/network"),
  } as const;
}
export type AppliancePaths = ReturnType<typeof appliancePaths>;

/** The prefix that the environment names, "" on the appliance. */
export function applianceRoot(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.OUTRIDER_ROOT ?? "";
}
