/** One test of the built image: its observations, each with the time since power-on. */
export interface TestRun {
  title: string;
  steps: { what: string; afterSeconds: number }[];
}

/** The part of docs/measured/image-build.md about the image's tests. */
export function renderTestRuns(runs: readonly TestRun[]): string {
  const tables = runs.map(({ title, steps }) =>
    [
      `**${title}**`,
      "",
      "| seen | after |",
      "|---|---:|",
      ...steps.map(({ what, afterSeconds }) => `| ${what} | ${afterSeconds} s |`),
      "",
    ].join("\n"),
  );
  return [
    "## The last run of its tests",
    "",
    "Written by `npm run test:image -- --write`. Seconds count from the moment the machine was switched on.",
    "",
    ...tables,
  ].join("\n");
}
