/** The programs of the appliance: one bundle each, /usr/lib/outrider/NAME.js. */
export const entries = {
  configd: "src/configd/main.ts",
  agent: "src/agent/main.ts",
  cli: "src/cli/main.ts",
  scan: "src/scan/run/main.ts",
  doctor: "src/doctor/main.ts",
  tools: "src/tools/main.ts",
  console: "console/main.ts",
  /** Started by the agent, daily. */
  inventory: "src/agent/health/inventory-main.ts",
  /** The units outrider-reader@.service, one for each output of an engine. */
  reader: "src/scan/read/main.ts",
  /** Started by agent and doctor where a PAC file is set. */
  pac: "src/transport/pac/main.ts",
} as const;
export type EntryName = keyof typeof entries;

/**
 * Packages that are copied as folders and not bundled: blessed has octal escapes and computed
 * requires; quickjs-wasi loads a file beside its code.
 */
export const unbundled = ["blessed", "quickjs-wasi"] as const;
