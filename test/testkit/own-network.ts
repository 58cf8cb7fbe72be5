import { execa } from "execa";

/**
 * Runs a module of ours in a network namespace of its own (unshare(1)), where nothing but the
 * commands' routes and addresses is. Returns what it printed.
 */
export async function inOwnNetwork(commands: readonly string[], program: string): Promise<string> {
  const all = ["set -e", "ip link set lo up", ...commands];
  const script = `${all.join("\n")}\nexec "$0" --input-type=module -e "$1"`;
  const { stdout } = await execa("unshare", [
    "--user",
    "--map-root-user",
    "--net",
    ...["sh", "-c", script, process.execPath, program],
  ]);
  return stdout;
}
