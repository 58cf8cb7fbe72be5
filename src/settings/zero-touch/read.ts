import type { Settings } from "../schema.ts";
import type { ZeroTouchDocument } from "./document.ts";
import type { ZeroTouchReport } from "./report.ts";

export interface ZeroTouchReading {
  settings: Settings;
  /** Absent stays as it is. */
  secrets: { "proxy-password"?: string; "activation-code"?: string };
  report: ZeroTouchReport;
}

/** What the sources say, on top of the present settings; of each value that cannot be used, why. */
export function readZeroTouch(documents: readonly ZeroTouchDocument[], present: Settings, nowMs: number): ZeroTouchReading {
  const sources = documents.map(({ source, place }) => ({ source, place, fields: [] }));
  return { settings: present, secrets: {}, report: { readAt: nowMs, sources, problems: [], notes: [] } };
}
