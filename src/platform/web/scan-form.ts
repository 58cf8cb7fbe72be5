import { portSelections, scanProfiles } from "../../protocol/schemas/jobs.ts";
import type { NewScan } from "../operator/schemas.ts";
import type { ScanForm } from "./pages/scans.ts";

export function readScanForm(body: unknown): ScanForm {
  const value = (name: string, longest: number) =>
    (body instanceof URLSearchParams ? (body.get(name) ?? "") : "").slice(0, longest);
  return {
    applianceId: value("applianceId", 100),
    name: value("name", 200),
    targets: value("targets", 60_000),
    exclusions: value("exclusions", 60_000),
    profile: value("profile", 20),
    ports: value("ports", 20),
  };
}

/** What is not offered becomes the usual choice: the form has nothing else to send. */
export function scanRequest(form: ScanForm): NewScan {
  return {
    applianceId: form.applianceId,
    name: form.name,
    targets: splitTargets(form.targets),
    exclusions: splitTargets(form.exclusions),
    profile: scanProfiles.find((profile) => profile === form.profile) ?? "normal",
    ports: portSelections.find((ports) => ports === form.ports) ?? "top-1000",
  };
}

/**
 * By lines, commas or spaces, as people write lists; the spaces around a range's hyphen belong to
 * it.
 */
export function splitTargets(text: string): string[] {
  return text
    .replace(/[^\S\n]*-[^\S\n]*/g, "-")
    .split(/[\s,;]+/)
    .filter((target) => target !== "");
}
