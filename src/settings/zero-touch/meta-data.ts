import { fact } from "../../base/messages/facts.ts";
import { nothing, type Reading, unreadable } from "./named-values.ts";
import { readNames } from "./user-data.ts";
import { isRecord, readYaml } from "./yaml-value.ts";

/**
 * Reads meta_data.json of a ConfigDrive, or NoCloud's meta-data: the machine's name, and in `meta`
 * the values that the operator gave under our names.
 */
export function readMetaData(text: string): Reading {
  const yaml = readYaml(text);
  if (!yaml.ok)
    return unreadable(
      yaml.said === null ? fact("metadata-deep") : fact("metadata-malformed", { said: yaml.said }),
      yaml.at,
    );
  if (!isRecord(yaml.value))
    return yaml.value === null
      ? { values: [], problems: [] }
      : unreadable(fact("metadata-nameless"), "line 1");
  const texts = isRecord(yaml.texts) ? yaml.texts : {};
  const hostname = [texts["local-hostname"], texts.hostname].find(
    (candidate) => candidate !== undefined && candidate !== "",
  );
  const named = hostname === undefined ? nothing : readNames({ hostname }, (name) => name);
  // Clouds give a fully qualified domain name; the appliance's name is its first label.
  const values = named.values.map((given) => ({
    ...given,
    value: given.value.split(".", 1)[0] ?? "",
  }));
  const section =
    texts.meta === undefined || texts.meta === ""
      ? nothing
      : readNames(texts.meta, (key) => yaml.lineOf(["meta", key]));
  return {
    values: [...values, ...section.values],
    problems: [...named.problems, ...section.problems],
  };
}
