import { randomUUID } from "node:crypto";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { entryPath } from "../../base/process-path.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { keyboardLayouts } from "../../settings/model/keyboards.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { ToolOutput, ToolTask } from "../api/tool-task.ts";
import { journalctlArguments, readJournal } from "./journal.ts";
import { sandbox } from "./sandbox.ts";
import { runCommand } from "./systemctl.ts";
import { ToolUnit } from "./tool-unit.ts";
import type { LogPage, LogRequest, Tools, Volume } from "./tools.ts";
import { asUnit } from "./transient-unit.ts";
import { keyboardUnit } from "./units.ts";
import { readVolumes } from "./volumes.ts";

const longestVolumesSeconds = 40;

/**
 * The tools on the appliance. A program that needs privileges runs as a transient unit with only
 * those.
 */
export class RealTools implements Tools {
  readonly #keyboard: string;
  readonly #unit: ToolUnit;

  constructor(paths: AppliancePaths) {
    this.#keyboard = paths.keyboard;
    this.#unit = new ToolUnit(paths);
  }

  async logs(request: LogRequest): Promise<LogPage> {
    const output = await runCommand("journalctl", journalctlArguments(request), {
      timeoutMs: 20_000,
    });
    return { entries: readJournal(output.toString("utf8")).slice(0, request.lines) };
  }

  runTool(task: ToolTask, signal: AbortSignal): Promise<ToolOutput> {
    return this.#unit.run(task, signal);
  }

  stopTool(): Promise<void> {
    return this.#unit.stop();
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

/**
 * Runs the volumes program in a unit with mounts of its own, which no other process sees. It mounts as
 * root.
 */
function onVolumes(args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  return asUnit(
    `outrider-volumes-${randomUUID()}`,
    [process.execPath, entryPath("configd"), "volumes", ...args],
    volumeProperties,
    longestVolumesSeconds,
    input ? { input } : {},
  );
}

export const volumeProperties: readonly string[] = [
  ...sandbox({
    capabilities: ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"],
    families: ["AF_UNIX"],
    memoryMb: 300,
    mostTasks: 80,
    systemCalls: ["@mount"],
    usesDevices: true,
  }),
  "PrivateMounts=yes",
  "PrivateNetwork=yes",
];
