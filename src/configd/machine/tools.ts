import type { LogSource, PathTool } from "../api/tool-names.ts";

/**
 * What people at the console look at and try out besides the settings: the journal, the network by
 * hand, volumes, the keyboard.
 */
export interface Tools {
  logs(wish: LogWish): Promise<LogPage>;
  /** Tries one way of the network through one device; what the program said, line by line. */
  tryPath(wish: PathWish, signal: AbortSignal): Promise<PathAnswer>;
  /** USB sticks, ISO images and other volumes that are no part of the appliance. */
  volumes(): Promise<Volume[]>;
  /** Files of a volume that may be certificates, by their path on it. */
  certificateFiles(volume: string): Promise<string[]>;
  readVolume(volume: string, file: string): Promise<Uint8Array>;
  writeVolume(volume: string, file: string, content: Uint8Array): Promise<void>;
  setKeyboard(layout: string): Promise<void>;
}

export interface LogWish {
  source: LogSource;
  /** Cursor of the last entry that is known; absent, the newest entries are given. */
  after?: string;
  lines: number;
}

export interface LogEntry {
  cursor: string;
  /** By the appliance's own clock. */
  at: number;
  /** syslog's levels, 0 emergency to 7 debug. */
  priority: number;
  /** Who said it: unit or program. */
  from: string;
  text: string;
}

export interface LogPage {
  /** Oldest first. */
  entries: LogEntry[];
}

export interface PathWish {
  tool: PathTool;
  device: string;
  /**
   * As whom: packets of the scan side and of the management side go different ways in split mode.
   */
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
