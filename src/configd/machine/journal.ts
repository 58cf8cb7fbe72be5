import type { LogSource } from "../api/tool-names.ts";
import type { LogEntry, LogRequest } from "./tools.ts";

/** journalctl's matches for each source of the console's log screen. */
const unitsOf: Readonly<Record<LogSource, readonly string[]>> = {
  agent: [
    "_SYSTEMD_UNIT=outrider-agent.service",
    "+",
    "_SYSTEMD_SLICE=system-outrider\\x2dscan.slice",
  ],
  system: [
    "_TRANSPORT=kernel",
    "+",
    "_PID=1",
    "+",
    "_SYSTEMD_UNIT=outrider-configd.service",
    "+",
    "_SYSTEMD_UNIT=outrider-boot.service",
  ],
  network: [
    "_SYSTEMD_UNIT=systemd-networkd.service",
    "+",
    "_SYSTEMD_UNIT=systemd-resolved.service",
    "+",
    "_SYSTEMD_UNIT=systemd-timesyncd.service",
  ],
};

/** The command line of journalctl for a request. */
export function journalctlArguments({ source, after, lines }: LogRequest): string[] {
  const since = after === undefined ? [] : [`--after-cursor=${after}`];
  const fields = "--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER,UNIT";
  return [
    "--no-pager",
    "--quiet",
    "--output=json",
    fields,
    `--lines=${after === undefined ? lines : `+${lines}`}`,
    ...since,
    ...unitsOf[source],
  ];
}

const longestText = 2000;

/** Reads journalctl's JSON, one entry a line. Skips lines that are no entry. */
export function readJournal(output: string): LogEntry[] {
  return output.split("\n").flatMap((line) => {
    if (line === "") return [];
    try {
      const entry = readEntry(JSON.parse(line));
      return entry === null ? [] : [entry];
    } catch {
      return [];
    }
  });
}

function readEntry(value: unknown): LogEntry | null {
  if (typeof value !== "object" || value === null) return null;
  const field = (name: string): unknown => Reflect.get(value, name);
  const cursor = field("__CURSOR");
  const micros = Number(field("__REALTIME_TIMESTAMP"));
  if (typeof cursor !== "string" || cursor.length > 300 || !Number.isFinite(micros)) return null;
  const message = field("MESSAGE");
  const from =
    [field("UNIT"), field("SYSLOG_IDENTIFIER"), field("_SYSTEMD_UNIT")].find(
      (each) => typeof each === "string",
    ) ?? "";
  const priority = Number(field("PRIORITY") ?? 6);
  return {
    cursor,
    at: Math.max(0, Math.floor(micros / 1000)),
    priority: priority >= 0 && priority <= 7 ? priority : 6,
    from: String(from)
      .replace(/\.service$/, "")
      .slice(0, 60),
    text: printable(textOf(message)).slice(0, longestText),
  };
}

/** journalctl(1), --output=json: a message that is not UTF-8 is an array of bytes. */
function textOf(message: unknown): string {
  if (typeof message === "string") return message;
  if (!Array.isArray(message)) return "";
  return Buffer.from(message.filter((byte) => typeof byte === "number")).toString("utf8");
}

/** Replaces control characters: no log entry may control the terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trimEnd();
}
