import { randomUUID } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { isMissing } from "../../base/missing-file.ts";
import { entryPath } from "../../base/process-path.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { ToolName } from "../api/tool-names.ts";
import type { ToolOutput, ToolTask } from "../api/tool-task.ts";
import { sandbox } from "./sandbox.ts";
import { tryCommand } from "./systemctl.ts";
import { asUnit } from "./transient-unit.ts";
import { validators } from "./validators.ts";

/** Beside the time that a capture is to take: the limits of the tools' own steps are shorter. */
const longestSeconds = 45;

/** What each tool needs beside the internet's sockets. Raw packets are those of ping, trace, capture. */
const needs: Readonly<Record<ToolName, { capabilities: readonly string[]; packets: boolean }>> = {
  ping: { capabilities: ["CAP_NET_RAW"], packets: false },
  trace: { capabilities: ["CAP_NET_RAW"], packets: false },
  capture: { capabilities: ["CAP_NET_RAW"], packets: true },
  "look-up": { capabilities: [], packets: false },
  tls: { capabilities: [], packets: false },
};

/**
 * The properties of a tool's unit. Its user decides by which routing table its packets go: the scans'
 * on the scanned side of split mode, the agent's on the other; and the kernel lets it use that device
 * only.
 */
export function toolProperties(
  { request: { tool }, device, callsHome }: Pick<ToolTask, "request" | "device" | "callsHome">,
  credentials: readonly string[],
): string[] {
  const { capabilities, packets } = needs[tool];
  return [
    ...sandbox({
      user: callsHome ? "outrider-agent" : "outrider-scan",
      capabilities,
      families: ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"].concat(
        packets ? ["AF_PACKET"] : [],
      ),
      memoryMb: 300,
      mostTasks: 80,
    }),
    // ping gives up the rights that it has.
    ...(tool === "ping" ? ["SystemCallFilter=capset setuid"] : []),
    "ProcSubset=pid",
    `RestrictNetworkInterfaces=lo ${device}`,
    // SIGTERM goes to the tool's program alone, which ends the others and answers.
    "KillMode=mixed",
    "TimeoutStopSec=8s",
    ...credentials.map((each) => `LoadCredential=${each}`),
  ];
}

/** Runs the operator's tools, one at a time. */
export class ToolUnit {
  readonly #paths: AppliancePaths;
  #running: string | null = null;

  constructor(paths: AppliancePaths) {
    this.#paths = paths;
  }

  async run(task: ToolTask, signal: AbortSignal): Promise<ToolOutput> {
    if (this.#running !== null) throw new OutriderError("tool-busy");
    const name = `outrider-tool-${randomUUID()}`;
    this.#running = name;
    try {
      const seconds = task.request.tool === "capture" ? task.request.seconds : 0;
      const properties = toolProperties(task, await this.#credentials(task));
      const output = await asUnit(
        name,
        [process.execPath, entryPath("tools")],
        properties,
        longestSeconds + seconds,
        { input: JSON.stringify(task), signal },
      );
      return readOutput(output.toString("utf8"));
    } finally {
      this.#running = null;
    }
  }

  /** Does nothing when none runs. */
  async stop(): Promise<void> {
    if (this.#running === null) return;
    await tryCommand("it may have ended already", "systemctl", [
      "stop",
      `${this.#running}.service`,
    ]);
  }

  /** Only a look at TLS that goes the agent's way needs them. */
  async #credentials({ request, callsHome }: ToolTask): Promise<string[]> {
    if (request.tool !== "tls" || !callsHome) return [];
    const files = [
      ["proxy-password", join(this.#paths.credentials, "doctor/proxy-password")],
      ["platform", join(this.#paths.data, "identity/identity.json")],
    ] as const;
    const found = await Promise.all(files.map(async ([, path]) => await isThere(path)));
    return files.filter((_, index) => found[index]).map(([name, path]) => `${name}:${path}`);
  }
}

/** A unit does not start with a credential whose file is not there. */
async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Reads the line that the program printed. */
export function readOutput(text: string): ToolOutput {
  try {
    const output = validators.ToolOutput(JSON.parse(text));
    if (output.valid) return output.value;
  } catch {
    // No JSON: said below.
  }
  throw new OutriderError("tool-failed", { detail: fact("tool-no-answer") });
}
