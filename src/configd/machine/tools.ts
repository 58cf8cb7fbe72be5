import type { LogSource } from "../api/tool-names.ts";
import type { ToolOutput, ToolTask } from "../api/tool-task.ts";

/** The console's tools besides the settings: journal, the operator's tools, volumes, keyboard. */
export interface Tools {
  logs(request: LogRequest): Promise<LogPage>;
  /** Runs one of the operator's tools. Throws OutriderError "tool-busy" while another one runs. */
  runTool(task: ToolTask, signal: AbortSignal): Promise<ToolOutput>;
  /** Has the running tool answer with what it has found until now. */
  stopTool(): Promise<void>;
  /** USB sticks, ISO images and other volumes that do not belong to the appliance. */
  volumes(): Promise<Volume[]>;
  /** Paths of a volume's files that may be certificates. */
  certificateFiles(volume: string): Promise<string[]>;
  readVolume(volume: string, file: string): Promise<Uint8Array>;
  writeVolume(volume: string, file: string, content: Uint8Array): Promise<void>;
  setKeyboard(layout: string): Promise<void>;
}

export interface LogRequest {
  source: LogSource;
  /** Returns the entries after this cursor; absent, the newest entries. */
  after?: string;
  lines: number;
}

export interface LogEntry {
  cursor: string;
  /** By the appliance's clock, in ms since 1970. */
  at: number;
  /** syslog's levels, 0 emergency to 7 debug. */
  priority: number;
  /** The unit or program that logged it. */
  from: string;
  text: string;
}

export interface LogPage {
  /** Oldest first. */
  entries: LogEntry[];
}

export interface Volume {
  /** Device name, as sdb1. */
  id: string;
  label: string;
  fileSystem: string;
  sizeBytes: number;
  writable: boolean;
}
