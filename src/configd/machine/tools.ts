import type { LogSource, PathTool } from "../api/tool-names.ts";

/** The console's tools besides the settings: journal, path tools, volumes, keyboard. */
export interface Tools {
  logs(request: LogRequest): Promise<LogPage>;
  /** Runs ping, a DNS look-up or a trace through one device; returns the program's output. */
  tryPath(request: PathRequest, signal: AbortSignal): Promise<PathAnswer>;
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

export interface PathRequest {
  tool: PathTool;
  device: string;
  /** Selects the user of the program: in split mode, routing depends on it. */
  side: "lan" | "wan";
  /** Name or address. */
  target: string;
}

export interface PathAnswer {
  lines: string[];
}

export interface Volume {
  /** Device name, as sdb1. */
  id: string;
  label: string;
  fileSystem: string;
  sizeBytes: number;
  writable: boolean;
}
