import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import { type NetworkdFiles, readNetworkdFiles } from "./networkd-files.ts";

/** The same path in Debian 12 and 13. */
export const generatorPath = "/usr/libexec/netplan/generate";
const generateTimeoutMs = 20_000;
/**
 * Messages that are no faults. Without udev the generator cannot make it reload its rules, which is
 * not needed here. While the machine starts, the generator prints `systemctl is-active`'s answers
 * for units that are yet to start, and asks systemd to start its units, which systemd does not
 * know, since they are in the scratch folder.
 */
const harmless =
  /Failed to send reload request|^(in)?active$|^Failed to start netplan-[\w@.-]+: Unit netplan-[\w@.-]+ not found\.$/;

export interface GenerateOptions {
  /** The program and its arguments before `--root-dir`. */
  command?: readonly [string, ...string[]];
  environment?: Record<string, string>;
}

/**
 * Runs netplan's generator on the YAML, in a scratch folder, and returns networkd's files. `netplan
 * generate` itself would rewrite all of /run/systemd/network and so reconfigure every link; with
 * --root-dir the generator touches nothing else. Every message is an error here, since the
 * generator exits with 0 even for two conflicting default routes. Throws OutriderError
 * "trial-failed".
 */
export async function generateNetworkdFiles(
  netplan: string,
  options: GenerateOptions = {},
): Promise<NetworkdFiles> {
  const scratch = await mkdtemp(join(tmpdir(), "outrider-netplan-"));
  try {
    await mkdir(join(scratch, "etc/netplan"), { recursive: true });
    await writeFile(join(scratch, "etc/netplan/90-outrider.yaml"), netplan, { mode: 0o600 });
    const [program, ...before] = options.command ?? [generatorPath];
    const { exitCode, stderr, stdout } = await execa(program, [...before, "--root-dir", scratch], {
      reject: false,
      timeout: generateTimeoutMs,
      ...(options.environment ? { env: options.environment } : {}),
    });
    const complaints = `${stdout}\n${stderr}`
      .split("\n")
      .filter((line) => line.trim() !== "" && !harmless.test(line));
    if (exitCode !== 0 || complaints.length > 0) throw refused(complaints, exitCode, scratch);
    return await readNetworkdFiles(join(scratch, "run/systemd/network"));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function refused(
  complaints: readonly string[],
  exitCode: number | undefined,
  scratch: string,
): OutriderError {
  const message = complaints.join(" ").replaceAll(scratch, "").slice(0, 500);
  const ended =
    exitCode === undefined ? fact("netplan-cut") : fact("netplan-ended", { code: exitCode });
  return new OutriderError("trial-failed", {
    detail: message === "" ? ended : fact("program-said", { program: "netplan", said: message }),
  });
}
