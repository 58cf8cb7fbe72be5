import { randomUUID } from "node:crypto";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { entryPath } from "../../base/process-path.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { keyboardLayouts } from "../../settings/model/keyboards.ts";
import { journalctlArguments, readJournal } from "./journal.ts";
import { byFamily, pathArguments } from "./path-arguments.ts";
import { type CommandOptions, runCommand, tryCommand } from "./systemctl.ts";
import type { LogPage, LogRequest, PathAnswer, PathRequest, Tools, Volume } from "./tools.ts";
import { keyboardUnit } from "./units.ts";
import { readVolumes } from "./volumes.ts";

const longestToolSeconds = 40;
const mostLines = 60;

/**
 * The tools on the appliance. A program that needs privileges runs as a transient unit with only
 * those.
 */
export class RealTools implements Tools {
  readonly #keyboard: string;

  /** `keyboard` is the path of the file that the keyboard's unit reads. */
  constructor(keyboard: string) {
    this.#keyboard = keyboard;
  }

  async logs(request: LogRequest): Promise<LogPage> {
    const output = await runCommand("journalctl", journalctlArguments(request), {
      timeoutMs: 20_000,
    });
    return { entries: readJournal(output.toString("utf8")).slice(0, request.lines) };
  }

  async tryPath(
    { tool, device, side, target }: PathRequest,
    signal: AbortSignal,
  ): Promise<PathAnswer> {
    if (tool === "look-up") {
      const args = ["--legend=no", `--interface=${device}`, "query", "--", target];
      const timeoutMs = longestToolSeconds * 1000;
      const output = await runCommand("resolvectl", args, { signal, timeoutMs, anyAnswer: true });
      return answerOf(output.toString("utf8"));
    }
    const user = side === "lan" ? "outrider-scan" : "outrider-agent";
    const properties = [
      `User=${user}`,
      `Group=${user}`,
      "AmbientCapabilities=CAP_NET_RAW",
      "CapabilityBoundingSet=CAP_NET_RAW",
      "ProtectSystem=strict",
      "ProtectHome=yes",
      "PrivateTmp=yes",
      "PrivateDevices=yes",
    ];
    const output = await byFamily(target, async (family) => {
      const command = pathArguments(tool, family, device, target);
      const unit = `outrider-path-${randomUUID()}`;
      return String(await asUnit(unit, command, properties, { signal, anyAnswer: true }));
    });
    return answerOf(output);
  }

  async volumes(): Promise<Volume[]> {
    return readVolumes(JSON.parse((await onVolumes(["list"])).toString("utf8")));
  }

  async certificateFiles(volume: string): Promise<string[]> {
    return (await onVolumes(["files", volume])).toString("utf8").split("\n").filter(Boolean);
  }

  readVolume(volume: string, file: string): Promise<Uint8Array> {
    return onVolumes(["read", volume, file]);
  }

  async writeVolume(volume: string, file: string, content: Uint8Array): Promise<void> {
    await onVolumes(["write", volume, file], content);
  }

  async setKeyboard(layout: string): Promise<void> {
    await writeRunFile(this.#keyboard, renderKeyboard(layout), 0o644);
    await runCommand("systemctl", ["restart", keyboardUnit]);
  }
}

/** The file from which the keyboard's unit gets the layout (systemd.exec(5), EnvironmentFile=). */
export function renderKeyboard(layout: string): string {
  const known = keyboardLayouts.find((each) => each === layout);
  if (known === undefined)
    throw new OutriderError("settings-invalid", { detail: fact("keyboard-not-known") });
  return `LAYOUT=${known}\n`;
}

/** Runs the volumes program in a unit with mounts of its own, which no other process sees. */
function onVolumes(args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  const properties = [
    "PrivateMounts=yes",
    "PrivateNetwork=yes",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "CapabilityBoundingSet=CAP_SYS_ADMIN CAP_DAC_OVERRIDE",
    "NoNewPrivileges=yes",
  ];
  return asUnit(
    `outrider-volumes-${randomUUID()}`,
    [process.execPath, entryPath("configd"), "volumes", ...args],
    properties,
    input ? { input } : {},
  );
}

async function asUnit(
  name: string,
  command: readonly string[],
  properties: readonly string[],
  how: CommandOptions,
): Promise<Buffer> {
  const unit = `${name}.service`;
  const options = [
    "--quiet",
    "--pipe",
    "--wait",
    "--collect",
    `--unit=${unit}`,
    ...[...properties, `RuntimeMaxSec=${longestToolSeconds}`].map((each) => `--property=${each}`),
  ];
  try {
    return await runCommand("systemd-run", [...options, "--", ...command], {
      timeoutMs: (longestToolSeconds + 5) * 1000,
      ...how,
    });
  } catch (error) {
    // The unit does not end together with systemd-run, which waits for it.
    if (how.signal?.aborted)
      await tryCommand("the unit may have ended already", "systemctl", ["stop", unit]);
    throw error;
  }
}

/** The program's output as lines, without its banner and without control characters. */
export function answerOf(output: string): PathAnswer {
  const lines = output
    .split("\n")
    .map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trimEnd())
    .filter(
      (line) =>
        line !== "" &&
        !/^(?:Starting N|Nmap done|Nping done|Note: Host seems down|WARNING: No targets were specified|Execution aborted)/.test(
          line,
        ),
    );
  return { lines: lines.slice(0, mostLines).map((line) => line.slice(0, 300)) };
}
