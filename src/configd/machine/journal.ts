import type { LogSource } from "../api/tool-names.ts";
import type { LogEntry, LogWish } from "./tools.ts";

/**
 * Of each source: whose entries it is made of. Kernel messages belong to the system, and the
 * network's units to the network.
 */
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

export function journalctlWords({ source, after, lines }: LogWish): string[] {
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

/** One entry of journalctl's JSON, one a line; what is none is passed over. */
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
  // journalctl(1), json: a message that is no text is an array of bytes.
  const text =
    typeof message === "string"
      ? message
      : Array.isArray(message)
        ? Buffer.from(message.filter((byte) => typeof byte === "number")).toString("utf8")
        : "";
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
    text: printable(text).slice(0, longestText),
  };
}

/** Nothing that was logged may act on a terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trimEnd();
}
