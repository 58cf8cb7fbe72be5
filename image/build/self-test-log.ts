export interface SelfTest {
  passed: boolean;
  checks: number;
  /** What failed, in the appliance's own words. */
  failures: string[];
}

/**
 * What the appliance said on its second serial port (image/disk/overlay/usr/lib/outrider/selftest).
 * Undefined when it did not get to the end.
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
