import type { EnrolledLab } from "./lab.ts";

/** Asks the appliance to call, and waits for a heartbeat that arrived after that. */
export async function nextHeartbeat({ operator, applianceId, appliance }: EnrolledLab): Promise<void> {
  const since = Date.now();
  await appliance.exec(["outrider", "call"], { mayFail: true });
  await operator.waitForAppliance(({ id, heartbeatAt }) => id === applianceId && (heartbeatAt ?? 0) > since, "another heartbeat", 120_000);
}

/** What must be the same after somebody was killed as if nothing had happened. */
export async function lastingState({ appliance, operator }: EnrolledLab): Promise<Record<string, unknown>> {
  const { stdout: settings } = await appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"]);
  const { stdout: key } = await appliance.exec(["sh", "-c", "cat /data/outrider/identity/* | sha256sum"]);
  const { stdout: files } = await appliance.exec(["sh", "-c", "cd /data/outrider && find settings secrets identity -type f -printf '%p %u:%g %m\\n' | sort"]);
  const appliances = (await operator.appliances()).map(({ id, name, state }) => ({ id, name, state }));
  return { settings, key, files, appliances };
}
