import { readFile } from "node:fs/promises";
import { addressOfBytes, formatAddress } from "../../base/addresses/address.ts";
import type { Lease } from "../path/own-machine.ts";
import { ask } from "./program.ts";
import { validators } from "./validators.ts";

const limitMs = 5000;

/** The DHCPv4 lease of a device as networkd has it; null without one. */
export async function readLease(device: string): Promise<Lease | null> {
  const { stdout, exitCode } = await ask("networkctl", ["--json=short", "status", "--", device], {
    limitMs,
  });
  if (exitCode !== 0) return null;
  const uptime = Number.parseFloat(await readFile("/proc/uptime", "utf8"));
  try {
    return leaseIn(JSON.parse(stdout), uptime);
  } catch {
    return null;
  }
}

/** @param nowSeconds of CLOCK_BOOTTIME, as /proc/uptime counts (proc_uptime(5)) */
export function leaseIn(answer: unknown, nowSeconds: number): Lease | null {
  const parsed = validators.LinkAnswer(answer);
  if (!parsed.valid) return null;
  const { Addresses, DHCPv4Client } = parsed.value;
  const leasedAt = seconds(DHCPv4Client?.Lease?.LeaseTimestampUSec);
  const address = (Addresses ?? []).find(({ ConfigSource }) => ConfigSource === "DHCPv4");
  if (leasedAt === null || address === undefined) return null;
  const renewalAt = seconds(DHCPv4Client?.Lease?.Timeout1USec);
  const endsAt = seconds(address.ValidLifetimeUSec);
  const server = addressOfBytes(address.ConfigProvider ?? []);
  return {
    server: server === null ? null : formatAddress(server.family, server.value),
    ageSeconds: Math.max(0, Math.round(nowSeconds - leasedAt)),
    remainingSeconds: endsAt === null ? null : Math.max(0, Math.round(endsAt - nowSeconds)),
    overdueSeconds: renewalAt === null ? 0 : Math.max(0, Math.round(nowSeconds - renewalAt)),
  };
}

function seconds(microseconds: number | undefined): number | null {
  return microseconds === undefined ? null : microseconds / 1e6;
}
