import { join } from "node:path";

/** The appliance's files and folders. `root` is "" on the appliance, a folder in tests and simulations. */
export function appliancePaths(root: string) {
  const data = join(root || "/", "data/outrider");
  const run = join(root || "/", "run/outrider");
  return {
    data,
    settings: {
      file: join(data, "settings/appliance.yaml"),
      announcement: join(data, "settings/announcement.json"),
      history: join(data, "settings/history"),
      /** The known network cards and their roles. */
      cards: join(data, "settings/cards.json"),
    },
    zeroTouch: {
      /** The report of the last reading; missing until the first one. */
      report: join(data, "settings/zero-touch.json"),
      /** The documents that the collector found at this boot. */
      collected: join(run, "zero-touch"),
      /** While this file is there, the collector runs again. */
      again: join(run, "zero-touch.again"),
    },
    /** While this file is there, a factory reset is under way. */
    factoryReset: join(data, "factory-reset"),
    secrets: join(data, "secrets"),
    egress: join(data, "settings/egress.json"),
    /** Scans to stop, until the agent reports their end. */
    stopScans: join(data, "settings/stop-scans.json"),
    /** The last packet captures, until the next restart. */
    captures: join(run, "captures"),
    scan: join(data, "scan"),
    run,
    consoleSocket: join(run, "console.sock"),
    agentSocket: join(run, "agent.sock"),
    /** The failures of the boot as text; empty without any. */
    bootFailure: join(run, "boot-failure"),
    agentConfiguration: join(run, "agent.json"),
    /** The layout of the keyboard at the machine's own screen. */
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
    /** The text of the guards that was loaded last. */
    routing: join(run, "routing.nft"),
    trialNetplan: join(root || "/", "run/netplan/90-outrider.yaml"),
    hostname: join(root || "/", "etc/hostname"),
    resolved: join(root || "/", "run/systemd/resolved.conf.d/90-outrider.conf"),
    timesyncd: join(root || "/", "run/systemd/timesyncd.conf.d/90-outrider.conf"),
    networkd: join(root || "/", "run/systemd/network"),
  } as const;
}
export type AppliancePaths = ReturnType<typeof appliancePaths>;

/** The root folder from the environment; "" on the appliance. */
export function applianceRoot(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.OUTRIDER_ROOT ?? "";
}
