import { randomUUID } from "node:crypto";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { entryPath } from "../../base/process-path.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { keyboardLayouts } from "../../settings/model/keyboards.ts";
import { journalctlWords, readJournal } from "./journal.ts";
import { byFamily, pathWords } from "./path-arguments.ts";
import { type CommandOptions, runCommand } from "./systemctl.ts";
import type { LogPage, LogWish, PathAnswer, PathWish, Tools, Volume } from "./tools.ts";
import { keyboardUnit } from "./units.ts";
import { readVolumes } from "./volumes.ts";

const longestToolSeconds = 40;
const mostLines = 60;

/**
 * The appliance's own journal, programs and volumes; whatever needs more than reading runs as a
 * unit with just that.
 */
export class RealTools implements Tools {
  readonly #keyboard: string;

  /** `keyboard` is the file that the keyboard's unit reads. */
  constructor(keyboard: string) {
    this.#keyboard = keyboard;
  }

  async logs(wish: LogWish): Promise<LogPage> {
    const output = await runCommand("journalctl", journalctlWords(wish), { timeoutMs: 20_000 });
    return { entries: readJournal(output.toString("utf8")).slice(0, wish.lines) };
  }

  async tryPath(
    { tool, device, side, target }: PathWish,
    signal: AbortSignal,
  ): Promise<PathAnswer> {
    if (tool === "look-up") {
      const words = ["--legend=no", `--interface=${device}`, "query", "--", target];
      return answerOf(
        (
          await runCommand("resolvectl", words, {
            signal,
            timeoutMs: longestToolSeconds * 1000,
            anyAnswer: true,
          })
        ).toString("utf8"),
      );
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
    const said = await byFamily(target, async (family) => {
      const words = pathWords(tool, family, device, target);
      return (
        await asUnit(`outrider-path-${randomUUID()}`, words, properties, {
          signal,
          anyAnswer: true,
        })
      ).toString("utf8");
    });
    return answerOf(said);
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

/** What the unit that loads the layout takes its name from (systemd.exec(5), EnvironmentFile=). */
export function renderKeyboard(layout: string): string {
  const known = keyboardLayouts.find((each) => each === layout);
  if (known === undefined)
    throw new OutriderError("settings-invalid", { detail: fact("keyboard-not-known") });
  return `LAYOUT=${known}\n`;
}

/**
 * Volumes are mounted where nobody else sees it, by a process that ends with what it was asked for.
 */
function onVolumes(words: readonly string[], input?: Uint8Array): Promise<Buffer> {
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
    [process.execPath, entryPath("configd"), "volumes", ...words],
    properties,
    input ? { input } : {},
  );
}

async function asUnit(
  name: string,
  words: readonly string[],
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
    return await runCommand("systemd-run", [...options, "--", ...words], {
      timeoutMs: (longestToolSeconds + 5) * 1000,
      ...how,
    });
  } catch (error) {
    // The unit does not end with the program that waits for it.
    if (how.signal?.aborted) await runCommand("systemctl", ["stop", unit]).catch(() => undefined);
    throw error;
  }
}

/** Without what the program says of itself. */
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
