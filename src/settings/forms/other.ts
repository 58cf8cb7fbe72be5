import type { Validation } from "../checks/validate.ts";
import { quoted } from "../checks/values.ts";
import type { FieldProblem } from "../model/problems.ts";
import type { Settings } from "../model/schema.ts";
import { finishForm, numberText, readNumber, splitList } from "./shared.ts";

export interface PlatformForm {
  url: string;
}

export function platformFormOf(settings: Settings): PlatformForm {
  return { url: settings.platform.url ?? "" };
}

export function withPlatformForm(settings: Settings, form: PlatformForm): Validation {
  return finishForm({ ...settings, platform: { url: form.url } }, []);
}

export interface TimeForm {
  /**
   * Names or addresses, separated by spaces or commas; "" for those of the lease, else Debian's
   * pool.
   */
  timeServers: string;
}

export function timeFormOf(settings: Settings): TimeForm {
  return { timeServers: settings.time.servers.join(" ") };
}

export function withTimeForm(settings: Settings, form: TimeForm): Validation {
  return finishForm({ ...settings, time: { servers: splitList(form.timeServers) } }, []);
}

export interface TrustForm {
  /** PEM certificates one after the other; text between them is passed over. */
  certificates: string;
}

export function trustFormOf(settings: Settings): TrustForm {
  return { certificates: settings.trust.certificates.join("") };
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

export function withTrustForm(settings: Settings, form: TrustForm): Validation {
  const blocks = [...form.certificates.matchAll(pemBlock)].map(([block]) => `${block}\n`);
  const problems: FieldProblem[] = [];
  if (blocks.length === 0 && form.certificates.trim() !== "")
    problems.push({
      field: "trust.certificates.0",
      code: "certificate-malformed",
      values: { value: quoted(form.certificates.trim()) },
    });
  return finishForm({ ...settings, trust: { certificates: blocks } }, problems);
}

export interface ScanForm {
  /** Addresses, networks and ranges `first-last`, separated by spaces, commas or lines. */
  exclusions: string;
  timeZone: string;
}

export function scanFormOf({ scan }: Settings): ScanForm {
  return { exclusions: scan.exclusions.join(" "), timeZone: scan.timeZone };
}

export function withScanForm(settings: Settings, form: ScanForm): Validation {
  // People put spaces around the hyphen of a range.
  const exclusions = splitList(form.exclusions.replace(/\s*-\s*/g, "-"));
  return finishForm({ ...settings, scan: { exclusions, timeZone: form.timeZone } }, []);
}

export interface ConsoleForm {
  language: Settings["console"]["language"];
  keyboard: string;
  /** Minutes, or "" for never. */
  lockAfterMinutes: string;
}

export function consoleFormOf(settings: Settings): ConsoleForm {
  const { language, keyboard, lockAfterMinutes } = settings.console;
  return { language, keyboard, lockAfterMinutes: numberText(lockAfterMinutes) };
}

export function withConsoleForm(
  settings: Settings,
  { language, keyboard, lockAfterMinutes }: ConsoleForm,
): Validation {
  const problems: FieldProblem[] = [];
  const minutes = readNumber(
    lockAfterMinutes,
    problems,
    "console.lockAfterMinutes",
    "minutes-malformed",
    { most: "240" },
  );
  return finishForm(
    { ...settings, console: { language, keyboard, lockAfterMinutes: minutes } },
    problems,
  );
}
