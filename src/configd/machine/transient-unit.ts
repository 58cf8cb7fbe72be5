import { type CommandOptions, runCommand, tryCommand } from "./systemctl.ts";

/**
 * Runs a program as a transient unit, and returns its output. Where the signal aborts, the unit is
 * ended too.
 */
export async function asUnit(
  name: string,
  command: readonly string[],
  properties: readonly string[],
  longestSeconds: number,
  how: CommandOptions,
): Promise<Buffer> {
  const unit = `${name}.service`;
  const options = [
    "--quiet",
    "--pipe",
    "--wait",
    "--collect",
    `--unit=${unit}`,
    ...[...properties, `RuntimeMaxSec=${longestSeconds}`].map((each) => `--property=${each}`),
  ];
  try {
    return await runCommand("systemd-run", [...options, "--", ...command], {
      timeoutMs: (longestSeconds + 10) * 1000,
      ...how,
    });
  } catch (error) {
    // The unit does not end together with systemd-run, which waits for it.
    if (how.signal?.aborted)
      await tryCommand("the unit may have ended already", "systemctl", ["stop", unit]);
    throw error;
  }
}
