import { fact } from "../../protocol/facts.ts";
import { type GivenValue, type Reading, unreadable } from "./given.ts";
import { readNames } from "./user-data.ts";
import { isRecord, readYaml } from "./yaml-value.ts";

/**
 * meta_data.json of a ConfigDrive, or NoCloud's meta-data: the machine's name, and in `meta` what the operator attached to it under
 * our names.
 */
export function readMetaData(text: string): Reading {
  const yaml = readYaml(text);
  if (!yaml.ok) return unreadable(yaml.said === null ? fact("metadata-deep") : fact("metadata-malformed", { said: yaml.said }), yaml.at);
  if (!isRecord(yaml.value)) return yaml.value === null ? { values: [], problems: [] } : unreadable(fact("metadata-nameless"), "line 1");
  const { meta } = yaml.value;
  const name = [yaml.value["local-hostname"], yaml.value.hostname].find((candidate) => typeof candidate === "string");
  const values: GivenValue[] = [];
  // Clouds give a whole domain name; ours is its first label.
  if (typeof name === "string") values.push({ name: "hostname", value: name.split(".", 1)[0] ?? "", at: "hostname" });
  if (meta === undefined || meta === null) return { values, problems: [] };
  const section = readNames(meta, (key) => yaml.lineOf(["meta", key]));
  return { values: [...values, ...section.values], problems: section.problems };
}
