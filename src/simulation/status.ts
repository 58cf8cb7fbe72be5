import type { Status } from "../configd/api/status.ts";
import { assignRoles, renderNetplan } from "../network/netplan.ts";
import { defaultSettings } from "../settings/model/schema.ts";
import { emptyZeroTouchReport } from "../settings/zero-touch/report.ts";
import { type DescribedMachine, describedAgent } from "./described-machine.ts";
import { describedInterfaces, generateDescribed } from "./network.ts";

function roleOf(device: string, devices: { lan?: string | null; wan?: string | null }) {
  if (device === devices.lan) return "lan";
  return device === devices.wan ? "wan" : null;
}

/** The status document of a described machine at rest, for tests that need no configd. */
export function describedStatus(machine: DescribedMachine, nowMs: number): Status {
  const settings = machine.settings ?? defaultSettings;
  const devices = assignRoles(settings, machine.interfaces);
  const live = describedInterfaces(
    machine,
    generateDescribed(renderNetplan(settings, devices)),
    () => Number.MAX_SAFE_INTEGER,
  );
  return {
    revision: 1,
    now: nowMs,
    simulated: machine.name,
    software: { version: "0.1.0" },
    hostname: settings.hostname,
    clock: { synchronized: machine.clockSynchronized },
    settings,
    secrets: { proxyPassword: machine.secrets !== undefined, activationCode: false },
    settingsSource: "file",
    settingsFailure: null,
    zeroTouch: emptyZeroTouchReport,
    interfaces: live.map((nic) => ({
      ...nic,
      role: roleOf(nic.name, devices),
    })),
    networkReports: [],
    guards:
      settings.network.mode === "split"
        ? {
            lan: { packets: 0, bytes: 0, kernelPackets: 0 },
            wan: { packets: 0, bytes: 0, kernelPackets: 0 },
          }
        : null,
    trial: null,
    lastTrial: null,
    agent: describedAgent(machine, nowMs),
    agentUnit: "active",
    host: machine.host,
  };
}
