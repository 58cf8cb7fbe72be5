import type { OutriderError } from "../../../base/messages/error.ts";
import type { ContentView } from "./view-types.ts";

export const contentKindNames: Record<ContentView["kind"], string> = {
  signatures: "Signature pack",
  software: "System software",
};

/** An error's description with its detail, as one sentence. */
export function happened({ description, detail }: OutriderError): string {
  return `${description.what}${detail ? ` (${detail})` : ""}`;
}

/** A size in the largest unit that leaves at least 1. */
export function bytes(count: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString("en-GB")} ${number === 1 ? singular : plural}`;
}

export function percentUsed(total: number, available: number): number {
  return total > 0 ? Math.round(((total - available) / total) * 100) : 0;
}

export const operatorTokenHeader = '-H "Authorization: Bearer $(cat DATA-FOLDER/operator-token)"';

/** A command for a shell, with a line for each of its parts. */
export function curlCommand(parts: readonly string[]): string {
  return `curl ${parts.join(" \\\n  ")}`;
}
