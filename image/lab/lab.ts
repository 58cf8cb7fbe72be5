import { BuildCache, cacheFolder } from "../cache/cache.ts";
import { buildSystemLayer, type SystemLayer } from "../root/system-layer.ts";
import { type Progress, silentProgress } from "../run/progress.ts";
import type { HostName } from "./addresses.ts";
import {
  Appliance,
  type ApplianceOptions,
  type ConsoleProcess,
  type OpenConsole,
} from "./appliance.ts";
import { type CommandResult, Namespaces, type RunOptions } from "./namespaces.ts";
import { startNat64 } from "./nat64.ts";
import { networkScript } from "./network.ts";
import { type LabNetworks, labNetworks } from "./networks.ts";
import {
  buildPeersTree,
  type ProxyOptions,
  startProxy,
  startRouter,
  startTargets,
} from "./peers.ts";
import { LabPlatform } from "./platform.ts";

export interface LabOptions<Console extends ConsoleProcess> {
  openConsole: OpenConsole<Console>;
  progress?: Progress;
  /** Also a proxy on WAN. */
  proxy?: ProxyOptions;
  /** Scan targets on LAN. Default true. */
  targets?: boolean;
  /** The platform on WAN. Default true. */
  platform?: boolean;
  /** Default: IPv4 alone. */
  networks?: LabNetworks;
  appliance?: ApplianceOptions;
}

export interface Lab<Console extends ConsoleProcess> {
  name: string;
  /** PID of the lab's first process: `nsenter -t PID -m -n -p` enters it. */
  pid: number;
  system: SystemLayer;
  /** Not started yet. */
  appliance: Appliance<Console>;
  platform: LabPlatform;
  /** Runs a command of the peers' Debian tree on one of the hosts, or on the router. */
  exec(
    host: HostName | "router",
    command: readonly string[],
    options?: Omit<RunOptions, "host">,
  ): Promise<CommandResult>;
  namespaces: Namespaces;
  /** Ends everything that the lab started. */
  stop(): Promise<void>;
}

/**
 * Builds missing parts, then sets up both networks with all machines. The appliance is there but
 * not started.
 */
export async function startLab<Console extends ConsoleProcess>(
  options: LabOptions<Console>,
): Promise<Lab<Console>> {
  const progress = options.progress ?? silentProgress;
  const cache = new BuildCache(cacheFolder());
  const system = await buildSystemLayer(cache, progress);
  const peers = await buildPeersTree(cache, progress);
  return await progress.step(
    "Setting up the two networks, the platform and the scan targets",
    async () => {
      const namespaces = await Namespaces.open({ system: system.folder, peers });
      try {
        const networks: LabNetworks = options.networks ?? labNetworks.ipv4;
        await namespaces.script(networkScript(networks));
        const platform = new LabPlatform(namespaces, networks.platform);
        await startRouter(namespaces, networks);
        if (networks.nat64 === true) await startNat64(namespaces);
        await Promise.all([
          options.platform === false ? undefined : platform.start(),
          options.targets === false ? undefined : startTargets(namespaces, networks.lan),
          options.proxy === undefined ? undefined : startProxy(namespaces, networks, options.proxy),
        ]);
        return {
          name: namespaces.name,
          pid: namespaces.pid,
          system,
          appliance: new Appliance(namespaces, options.openConsole, options.appliance),
          platform,
          exec: (host, command, more = {}) => namespaces.runPeer(command, { ...more, host }),
          namespaces,
          stop: () => namespaces.close(),
        };
      } catch (error) {
        await namespaces.close();
        throw error;
      }
    },
  );
}
