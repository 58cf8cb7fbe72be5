import { type EnrolledLab, eventually } from "./lab.ts";

/**
 * Asks the appliance to call, as a person would again and again, and waits for a heartbeat that
 * arrived after that.
 */
export async function nextHeartbeat({
  operator,
  applianceId,
  appliance,
}: EnrolledLab): Promise<void> {
  const since = Date.now();
  await eventually(
    "another heartbeat",
    async () => {
      await appliance.exec(["outrider", "call"], { mayFail: true });
      return ((await operator.appliance(applianceId)).heartbeatAt ?? 0) > since;
    },
    120_000,
  );
}

/**
 * Waits for the next running scan engine. The returned function reports whether it was left
 * running.
 */
export async function watchEngine({ appliance }: EnrolledLab): Promise<() => Promise<boolean>> {
  let unit = "";
  await eventually(
    "the engine is at work",
    async () => {
      const { stdout } = await appliance.exec([
        "systemctl",
        "list-units",
        "--plain",
        "--no-legend",
        "--state=active",
        "outrider-scan@*",
      ]);
      // Between two shards there is none.
      unit = stdout.split(/\s+/)[0] ?? "";
      return unit !== "";
    },
    60_000,
  );
  const show = async () =>
    (await appliance.exec(["systemctl", "show", "-p", "InvocationID,ActiveState,Result", unit]))
      .stdout;
  const invocation = /InvocationID=(\S+)/.exec(await show())?.[1];
  return async () => {
    const now = await show();
    // Still running, or ended by itself meanwhile; a unit that ended well is soon forgotten.
    return (
      /ActiveState=(active|inactive)/.test(now) &&
      /Result=success/.test(now) &&
      (!/ActiveState=active/.test(now) || now.includes(`InvocationID=${invocation}`))
    );
  };
}

/** What the agent learnt of idle connections belongs to one run of it, and goes with that. */
const listFiles =
  "cd /data/outrider && find settings secrets identity -type f ! -name idle-connections.json -printf '%p %u:%g %m\\n' | sort";

/** The state that must be the same after a kill as without one. */
export async function lastingState({
  appliance,
  operator,
}: EnrolledLab): Promise<Record<string, unknown>> {
  const { stdout: settings } = await appliance.exec([
    "cat",
    "/data/outrider/settings/appliance.yaml",
  ]);
  // Beside these there is a count of the agent's starts, which grows.
  const { stdout: key } = await appliance.exec([
    "sh",
    "-c",
    "cat /data/outrider/identity/identity.json /data/outrider/identity/*key* | sha256sum",
  ]);
  let files = "";
  // A file that is written just now is there under a passing name; one that stays is left behind.
  await eventually(
    "no file is half written",
    async () => {
      files = (await appliance.exec(["sh", "-c", listFiles])).stdout;
      return !files.includes(".tmp ");
    },
    10_000,
  );
  const appliances = (await operator.appliances()).map(({ id, name, state }) => ({
    id,
    name,
    state,
  }));
  return { settings, key, files, appliances };
}
