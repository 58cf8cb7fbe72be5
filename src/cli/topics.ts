import type { PlacedField } from "../settings/fields/placed-fields.ts";

/**
 * Verbs of the command line that set things: each shows and takes its own part of the settings,
 * `network` takes all of them.
 */
export const topics = ["network", "proxy", "platform", "time", "trust", "scan", "system"] as const;
export type Topic = (typeof topics)[number];

export function isTopic(verb: string): verb is Topic {
  return topics.some((topic) => topic === verb);
}

/**
 * Settings of the machine as a whole are `system`; the console shows them on two forms. The time zone
 * of scan windows is `scan`, as in the file; the console shows it beside the clock.
 */
export function topicOf({ path, form }: Pick<PlacedField, "path" | "form">): Topic {
  if (path === "scan.timeZone") return "scan";
  return path === "hostname" || form === "console" ? "system" : form;
}

export function shows(topic: Topic, field: PlacedField): boolean {
  return topic === "network" || topicOf(field) === topic;
}
