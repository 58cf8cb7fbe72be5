import { parseExclusion as parseTarget } from "../../base/addresses/scan-targets.ts";
import { type FieldValue, quoted, right, wrong } from "../values/field-value.ts";
import type { SettingField } from "./field.ts";
import { splitList } from "./text-values.ts";

const mostExclusions = 200;

/** By the agent's own reader: what the agent could not read, it could not leave out of a scan. */
function parseExclusion(text: string): FieldValue<string> {
  const parsed = parseTarget(text);
  return parsed.ok
    ? right(parsed.target.text)
    : wrong("exclusion-malformed", { value: quoted(text.trim()) }, parsed.reason);
}

export const scanExclusions = {
  path: "scan.exclusions",
  form: "scan",
  label: "Never scanned",
  hint: "Addresses, networks and ranges: 192.0.2.7, 198.51.100.0/24, 192.0.2.20-192.0.2.29",
  help: "Addresses, networks and ranges that no scan touches, separated by commas: 192.0.2.7, 198.51.100.0/24, 192.0.2.20-192.0.2.29. Think of machines that do not bear being scanned.",
  input: { kind: "text", width: 48 },
  text: ({ scan }) => scan.exclusions.join(" "),
  put: ({ scan }, text) => {
    // People put spaces around the hyphen of a range.
    scan.exclusions = splitList(text.replace(/\s*-\s*/g, "-"));
  },
  check: ({ scan }, findings) => {
    scan.exclusions = findings.takeList(
      "scan.exclusions",
      scan.exclusions,
      mostExclusions,
      parseExclusion,
    );
  },
  review: { term: "Never scanned", value: ({ scan }) => scan.exclusions.join(", ") || "none" },
  needsTrial: false,
  zeroTouch: [{ name: "scan_exclusions", means: "what is never scanned" }],
  options: [
    {
      name: "exclude",
      value: "ADDRESS[,NETWORK]",
      help: "what is never scanned, whatever the platform asks for",
    },
  ],
} as const satisfies SettingField;
