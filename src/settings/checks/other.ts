import { parseExclusion as parseScanExclusion } from "../../base/addresses/scan-targets.ts";
import { keyboardLayouts } from "../model/keyboards.ts";
import type { Settings } from "../model/schema.ts";
import { parseCertificate } from "./certificate.ts";
import { parseHost } from "./names.ts";
import { type FieldValue, type Findings, quoted, right, wrong } from "./values.ts";

const mostCertificates = 5;
const mostTimeServers = 6;
const mostExclusions = 200;
const longestLockMinutes = 240;

export function checkTrust(
  { certificates }: Settings["trust"],
  findings: Findings,
): Settings["trust"] {
  return {
    certificates: findings.takeList(
      "trust.certificates",
      certificates,
      mostCertificates,
      parseCertificate,
    ),
  };
}

export function checkTime({ servers }: Settings["time"], findings: Findings): Settings["time"] {
  return {
    servers: findings.takeList("time.servers", servers, mostTimeServers, (text) =>
      parseHost(text, "time-server-malformed"),
    ),
  };
}

export function checkScan(
  { exclusions, timeZone }: Settings["scan"],
  findings: Findings,
): Settings["scan"] {
  return {
    exclusions: findings.takeList("scan.exclusions", exclusions, mostExclusions, parseExclusion),
    timeZone: findings.take("scan.timeZone", parseTimeZone(timeZone), timeZone),
  };
}

/** As the agent reads it: what it could not read would not be left out of a scan. */
function parseExclusion(text: string): FieldValue<string> {
  const parsed = parseScanExclusion(text);
  return parsed.ok
    ? right(parsed.target.text)
    : wrong("exclusion-malformed", { value: quoted(text.trim()) }, parsed.reason);
}

/** A name of the tz database; a fixed offset knows no summer time. */
export function parseTimeZone(text: string): FieldValue<string> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const malformed = wrong("time-zone-malformed", { value: quoted(typed) });
  if (typed.length > 60 || !/^[A-Za-z][\w+/-]*$/.test(typed)) return malformed;
  try {
    new Intl.DateTimeFormat("en", { timeZone: typed });
    return right(typed);
  } catch {
    return malformed;
  }
}

export function checkConsole(
  console: Settings["console"],
  findings: Findings,
): Settings["console"] {
  const { lockAfterMinutes } = console;
  if (
    lockAfterMinutes !== null &&
    !(
      Number.isInteger(lockAfterMinutes) &&
      lockAfterMinutes >= 1 &&
      lockAfterMinutes <= longestLockMinutes
    )
  )
    findings.add("console.lockAfterMinutes", "minutes-malformed", {
      value: String(lockAfterMinutes),
      most: String(longestLockMinutes),
    });
  return {
    ...console,
    keyboard: findings.take("console.keyboard", parseKeyboard(console.keyboard), console.keyboard),
  };
}

function parseKeyboard(text: string): FieldValue<string> {
  const typed = text.trim().toLowerCase();
  if (typed === "") return wrong("required");
  const known = keyboardLayouts.find((layout) => layout === typed);
  return known === undefined ? wrong("keyboard-unknown", { value: quoted(typed) }) : right(known);
}
