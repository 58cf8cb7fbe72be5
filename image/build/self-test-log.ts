export interface SelfTest {
  passed: boolean;
  checks: number;
  /** The failed checks, as the appliance wrote them. */
  failures: string[];
}

/**
 * The self-test's lines from the appliance's second serial port
 * (image/disk/overlay/usr/lib/outrider/selftest).
 */
export function parseSelfTest(text: string): SelfTest | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith("selftest: "));
  const failures = lines
    .filter((line) => line.startsWith("selftest: FAILED: "))
    .map((line) => line.slice("selftest: FAILED: ".length));
  for (const line of lines) {
    const [, passed] = /^selftest: passed (\d{1,4}) checks$/.exec(line) ?? [];
    if (passed !== undefined)
      return {
        passed: failures.length === 0 && Number(passed) > 0,
        checks: Number(passed),
        failures,
      };
    const [, all] = /^selftest: failed \d{1,4} of (\d{1,4}) checks$/.exec(line) ?? [];
    if (all !== undefined) return { passed: false, checks: Number(all), failures };
  }
  return undefined;
}
