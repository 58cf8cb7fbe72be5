export interface TapCounts {
  passed: number;
  failed: number;
  skipped: string[];
  failures: string[];
}

/**
 * Counts what a TAP stream says, line by line. Output of others between the lines is passed over.
 */
export class TapCounter implements TapCounts {
  passed = 0;
  failed = 0;
  readonly skipped: string[] = [];
  readonly failures: string[] = [];

  add(counts: TapCounts): void {
    this.passed += counts.passed;
    this.failed += counts.failed;
    this.skipped.push(...counts.skipped);
    this.failures.push(...counts.failures);
  }

  /** Gives back what a person should see at once, if anything. */
  take(line: string): string | null {
    const match = /^(not )?ok \d+(?: - )?(.*?)(?: # (SKIP|TODO)\b.*)?$/.exec(line);
    if (match === null) return null;
    const [, not, title = "", directive] = match;
    if (directive !== undefined) {
      this.skipped.push(title);
      return null;
    }
    if (not === undefined) {
      this.passed += 1;
      return null;
    }
    this.failed += 1;
    this.failures.push(title);
    return `FAILED  ${title}`;
  }
}
