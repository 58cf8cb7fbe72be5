/** What runs on the appliance: one bundle each, /usr/lib/outrider/NAME.js. */
export const entries = {
  configd: "src/configd/main.ts",
  agent: "src/agent/main.ts",
  cli: "src/cli/main.ts",
  scan: "src/scan/main.ts",
  doctor: "src/doctor/main.ts",
  console: "console/main.ts",
} as const;
export type EntryName = keyof typeof entries;

/** Not bundled: blessed has octal escapes and requires that are computed. Copied as a folder. */
export const unbundled = ["blessed"] as const;
