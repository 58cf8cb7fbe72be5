import { join } from "node:path";
import { type Credential, credentialText } from "../../base/credential.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { fallbackFiles } from "../../network/fallback.ts";
import { renderHostnameDropIns } from "../../network/hostname-drop-ins.ts";
import { assignRoles, type RoleDevices, renderNetplan } from "../../network/netplan.ts";
import { type Routing, renderRouting, renderSplitDropIns } from "../../network/split-routing.ts";
import type { AgentConfiguration } from "../../settings/agent-configuration.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { withNetworkByDhcp } from "../../settings/reset.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { SecretName } from "../kept/secrets.ts";
import type { Owners } from "../machine/file-owners.ts";
import type { NetworkFiles, System } from "../machine/system.ts";

/** Settings rendered for the devices of this machine. */
export interface Rendered {
  settings: Settings;
  devices: RoleDevices;
  netplan: string;
  files: NetworkFiles;
  routing: Routing;
}

/** Renders the settings and has netplan read them, without changing anything. */
export async function renderNetwork(system: System, settings: Settings): Promise<Rendered> {
  const devices = assignRoles(settings, await system.interfaces());
  const netplan = renderNetplan(settings, devices);
  const files = new Map([
    ...(await system.generate(netplan)),
    ...renderHostnameDropIns(settings),
    ...renderSplitDropIns(settings, devices),
  ]);
  return { settings, devices, netplan, files, routing: renderRouting(settings, devices) };
}

/**
 * Renders DHCP on the same roles without netplan, so that the appliance stays reachable for repair.
 * Split mode stays split.
 */
export async function renderFallback(
  system: Pick<System, "interfaces">,
  settings: Settings,
): Promise<Rendered> {
  const plain = withNetworkByDhcp(settings);
  const devices = assignRoles(plain, await system.interfaces());
  const home = plain.network.mode === "split" ? "wan" : "lan";
  const files = new Map([...fallbackFiles(devices, home), ...renderSplitDropIns(plain, devices)]);
  return { settings, devices, netplan: "", files, routing: renderRouting(plain, devices) };
}

export type SecretReader = (name: SecretName) => Promise<Credential>;

/** The secrets that each unit gets: only those that it needs. */
const credentialsOf = {
  agent: ["proxy-password", "activation-code"],
  doctor: ["proxy-password"],
} as const satisfies Record<string, readonly SecretName[]>;

/**
 * Writes the configuration and credentials that the agent and the doctor read at their next start.
 * The files are below /run: every boot renders them again.
 */
export async function writeAgentFiles(
  paths: AppliancePaths,
  owners: Owners | null,
  rendered: Pick<Rendered, "settings" | "devices">,
  read: SecretReader,
  simulated: string | null,
): Promise<void> {
  for (const [unit, names] of Object.entries(credentialsOf)) {
    for (const name of names) {
      await writeRunFile(
        join(paths.credentials, unit, name),
        credentialText(await read(name)),
        0o600,
        owners?.root,
      );
    }
  }
  const configuration = agentConfiguration(rendered, simulated);
  await writeRunFile(
    paths.agentConfiguration,
    `${JSON.stringify(configuration, null, 2)}\n`,
    0o640,
    owners?.agentGroup,
  );
}

export function agentConfiguration(
  { settings, devices }: Pick<Rendered, "settings" | "devices">,
  simulated: string | null,
): AgentConfiguration {
  return {
    hostname: settings.hostname,
    platformUrl: settings.platform.url,
    proxy: settings.proxy,
    trustedCertificates: settings.trust.certificates,
    mode: settings.network.mode,
    scanDevice: devices.lan,
    managementDevice: devices.wan,
    scanExclusions: settings.scan.exclusions,
    simulated,
  };
}

/** The devices that the agent's files were last rendered for; null when there are no files. */
export async function renderedDevices(
  paths: AppliancePaths,
): Promise<Pick<RoleDevices, "lan" | "wan"> | null> {
  const text = await readTextIfPossible(paths.agentConfiguration);
  try {
    const value: unknown = JSON.parse(text ?? "null");
    if (
      typeof value !== "object" ||
      value === null ||
      !("scanDevice" in value) ||
      !("managementDevice" in value)
    )
      return null;
    const name = (device: unknown) => (typeof device === "string" ? device : null);
    return { lan: name(value.scanDevice), wan: name(value.managementDevice) };
  } catch {
    return null;
  }
}
