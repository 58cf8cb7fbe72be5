import { OutriderError } from "../base/messages/error.ts";
import type { ToolOutput, ToolTask } from "../configd/api/tool-task.ts";
import type { LogEntry, LogPage, LogRequest, Tools, Volume } from "../configd/machine/tools.ts";

/** A machine's journal, network and volumes in memory. */
export class FakeTools implements Tools {
  readonly calls: string[] = [];
  entries: Record<LogRequest["source"], LogEntry[]> = { agent: [], system: [], network: [] };
  answers: Partial<Record<ToolTask["request"]["tool"], ToolOutput>> = {};
  /** Called when a tool is to be stopped. */
  stopped: () => void = () => undefined;
  /** Files by volume and path. */
  files: Record<string, Record<string, string>> = {};
  volumesNow: Volume[] = [];
  keyboard: string | null = null;

  async logs({ source, after, lines }: LogRequest): Promise<LogPage> {
    const all = this.entries[source];
    const from =
      after === undefined
        ? Math.max(0, all.length - lines)
        : all.findIndex(({ cursor }) => cursor === after) + 1;
    return { entries: all.slice(from, from + lines) };
  }

  async runTool({ request, device, callsHome }: ToolTask): Promise<ToolOutput> {
    const target = request.tool === "capture" ? request.kind : request.target;
    this.calls.push(`${request.tool} ${device} ${callsHome ? "home" : "scan"} ${target}`);
    const nothing: ToolOutput = {
      answer: { outcome: "failed", code: "ping-silent", verdict: [], lines: [], contacted: [] },
      capture: null,
    };
    return this.answers[request.tool] ?? nothing;
  }

  async stopTool(): Promise<void> {
    this.stopped();
  }

  async volumes(): Promise<Volume[]> {
    return structuredClone(this.volumesNow);
  }

  async certificateFiles(volume: string): Promise<string[]> {
    return Object.keys(this.files[volume] ?? {}).filter((name) => /\.(?:pem|crt|cer)$/.test(name));
  }

  async readVolume(volume: string, file: string): Promise<Uint8Array> {
    const content = this.files[volume]?.[file];
    if (content === undefined) throw new OutriderError("volume-missing", { detail: file });
    return Buffer.from(content);
  }

  async writeVolume(volume: string, file: string, content: Uint8Array): Promise<void> {
    this.files[volume] = { ...this.files[volume], [file]: Buffer.from(content).toString("base64") };
  }

  async setKeyboard(layout: string): Promise<void> {
    this.keyboard = layout;
  }
}
