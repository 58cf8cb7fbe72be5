import { fact } from "../../base/messages/facts.ts";
import { unpackText } from "../../base/packed-text.ts";
import { largestDocumentCharacters } from "./document.ts";
import { nothing, type Reading, unreadable } from "./named-values.ts";
import { networkOf, readNetworkConfig } from "./network-config.ts";
import { readNames } from "./user-data.ts";
import { isRecord, readYaml } from "./yaml-value.ts";

type LineOf = (path: readonly string[]) => string;

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
  const network = readNetwork(texts, yaml.lineOf);
  return {
    values: [...values, ...section.values],
    problems: [...named.problems, ...section.problems, ...network.problems],
    network: network.network ?? [],
    notes: network.notes ?? [],
  };
}

/**
 * The network in the metadata of VMware's source: a mapping, or a text in base64 (and gzip). Other
 * sources have it in a form of Debian's, which is not read.
 */
function readNetwork(texts: Record<string, unknown>, lineOf: LineOf): Reading {
  const { network } = texts;
  const unread = ["network-interfaces", "network_config"].filter((name) => isGiven(texts[name]));
  const notes = unread.map((name) => fact("note-network-file", { name }));
  if (!isGiven(network)) return { ...nothing, notes };
  if (typeof network !== "string")
    return networkOf(network, (path) => lineOf(["network", ...path]));
  const unpacked = unpackText(Buffer.from(network), largestDocumentCharacters);
  return unpacked.ok
    ? readNetworkConfig(unpacked.text)
    : unreadable(unpacked.wrong, lineOf(["network"]), unpacked.right);
}

const isGiven = (value: unknown) => value !== undefined && value !== "";
