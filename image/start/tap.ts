/** One result of a TAP stream. */
export interface TapResult {
  title: string;
  outcome: "passed" | "failed" | "skipped";
}

/** Counts the results of tests. The titles of passed tests are not kept. */
export class TapCounter {
  passed = 0;
  failed = 0;
  readonly skipped: string[] = [];
  readonly failures: string[] = [];

  add(counts: TapCounter): void {
    this.passed += counts.passed;
    this.failed += counts.failed;
    this.skipped.push(...counts.skipped);
    this.failures.push(...counts.failures);
  }

  count({ title, outcome }: TapResult): void {
    if (outcome === "passed") this.passed += 1;
    else if (outcome === "skipped") this.skipped.push(title);
    else this.fail(title);
  }

  /** Counts a failure that no test reported. */
  fail(title: string): void {
    this.failed += 1;
    this.failures.push(title);
  }
}

/** Reads a test's result; null for every other line, such as details and other programs' output. */
export function parseTapLine(line: string): TapResult | null {
  const match = /^(not )?ok \d+(?: - )?(.*?)(?: # (SKIP|TODO)\b.*)?$/.exec(line);
  if (match === null) return null;
  const [, not, title = "", directive] = match;
  if (directive !== undefined) return { title, outcome: "skipped" };
  return { title, outcome: not === undefined ? "passed" : "failed" };
}
