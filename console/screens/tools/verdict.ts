/** What nping counts at its end. */
export interface PingVerdict {
  sent: number;
  answered: number;
  /** As nping writes it, "0.6ms"; null when nothing answered. */
  average: string | null;
}

/** The counts of nping's last lines; null for other tools, or when the lines end before them. */
export function pingVerdict(lines: readonly string[]): PingVerdict | null {
  const text = lines.join("\n");
  const counts = /\bsent: (\d+) .*?\bRcvd: (\d+) /i.exec(text);
  if (counts === null) return null;
  const average = /\bAvg rtt: ([\d.]+ ?ms)/.exec(text)?.[1] ?? null;
  return { sent: Number(counts[1]), answered: Number(counts[2]), average };
}
