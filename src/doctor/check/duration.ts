const steps = [
  { seconds: 86_400, unit: "d" },
  { seconds: 3600, unit: "h" },
  { seconds: 60, unit: "min" },
] as const;

/** As "45 s", "23 min", "5 h" or "3 d": rounded down, so that it promises no more than there is. */
export function duration(seconds: number): string {
  const step = steps.find((each) => seconds >= 2 * each.seconds);
  if (step === undefined) return `${Math.floor(seconds)} s`;
  return `${Math.floor(seconds / step.seconds)} ${step.unit}`;
}
