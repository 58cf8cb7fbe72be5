import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import { type NetworkdFiles, readNetworkdFiles } from "./networkd-files.ts";

/** Where Debian puts it: 12 and 13 alike. */
export const generatorPath = "/usr/libexec/netplan/generate";
const generateTimeoutMs = 20_000;
/**
 * Without udev the generator cannot have it reload its rules, which it has no need of here. While
 * the machine starts it passes on what `systemctl is-active` says of units that are yet to come,
 * and has systemd start the units that it made: these are in the scratch folder, where systemd
 * knows none.
 */
const harmless =
  /Failed to send reload request|^(in)?active$|^Failed to start netplan-[\w@.-]+: Unit netplan-[\w@.-]+ not found\.$/;

export interface GenerateOptions {
  /** The program and what goes before `--root-dir`. */
  command?: readonly [string, ...string[]];
  environment?: Record<string, string>;
}

/**
 * Has netplan turn YAML into networkd's files in a scratch folder. `netplan generate` itself would
 * rewrite all of /run/systemd/network and so reconfigure every link; with --root-dir the generator
 * touches nothing else. Anything that it complains about is an error here: it exits with 0 for two
 * default routes that conflict.
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
  const words = complaints.join(" ").replaceAll(scratch, "").slice(0, 500);
  const ended =
    exitCode === undefined ? fact("netplan-cut") : fact("netplan-ended", { code: exitCode });
  return new OutriderError("trial-failed", {
    detail: words === "" ? ended : fact("program-said", { program: "netplan", said: words }),
  });
}
