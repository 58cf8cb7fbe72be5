import { type FieldValue, quoted, right, wrong } from "../values/field-value.ts";
import type { SettingField } from "./field.ts";

/** A name of the tz database; a fixed offset knows no summer time. */
function parseTimeZone(text: string): FieldValue<string> {
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

export const scanTimeZone = {
  path: "scan.timeZone",
  // People look for it beside the clock, whatever the file calls it.
  form: "time",
  label: "Time zone",
  hint: "Of scan windows that the platform sets, as Europe/Berlin.",
  help: "The time zone in which scan windows are meant, as Europe/Berlin or UTC. The console and the logs show UTC all the same.",
  input: { kind: "text", width: 30 },
  text: ({ scan }) => scan.timeZone,
  put: ({ scan }, text) => {
    scan.timeZone = text;
  },
  check: ({ scan }, findings) => {
    scan.timeZone = findings.take("scan.timeZone", parseTimeZone(scan.timeZone), scan.timeZone);
  },
  review: { term: "Time zone of scan windows", value: ({ scan }) => scan.timeZone },
  needsTrial: false,
  zeroTouch: [{ name: "scan_time_zone", means: "time zone of scan windows, as Europe/Berlin" }],
  options: [{ name: "time-zone", value: "NAME", help: "of scan windows, as Europe/Berlin" }],
} as const satisfies SettingField;
