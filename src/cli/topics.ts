import { UsageError } from "./output.ts";
import { settingsOptions } from "./settings-options.ts";

/**
 * Words of the command line that set things: each shows and takes its own part of the settings,
 * \`network\` takes all of them.
 */
export const topics = ["network", "proxy", "platform", "time", "trust", "scan", "system"] as const;
export type Topic = (typeof topics)[number];

export function isTopic(word: string): word is Topic {
  return topics.some((topic) => topic === word);
}

const optionsOf: Readonly<Record<Exclude<Topic, "network">, RegExp>> = {
  proxy: /^(?:no-)?proxy/,
  platform: /^platform-url$/,
  time: /^ntp$/,
  trust: /^(?:no-trust|trust-file)$/,
  scan: /^(?:exclude|time-zone)$/,
  system: /^(?:hostname|keyboard|lock-after)$/,
};

/** Names of the lines that a topic shows, as the review calls them. */
const linesOf: Readonly<Record<Exclude<Topic, "network">, RegExp>> = {
  proxy: /proxy|Called directly/i,
  platform: /^Platform$/,
  time: /^Time servers$/,
  trust: /certificates/,
  scan: /^(?:Never scanned|Time zone)/,
  system: /^(?:Host name|Language|Keyboard|Console lock)/,
};

export function showsLine(topic: Topic, field: string): boolean {
  return topic === "network" || linesOf[topic].test(field);
}

/** Options that set something, and only those of the topic. */
export function requireOwnOptions(topic: Topic, given: readonly string[]): void {
  const setting = given.filter((name) => Object.hasOwn(settingsOptions, name));
  const foreign =
    topic === "network" ? undefined : setting.find((name) => !optionsOf[topic].test(name));
  if (foreign !== undefined)
    throw new UsageError(
      `--${foreign} is no option of \`outrider ${topic}\`; \`outrider network\` takes all of them`,
    );
}
