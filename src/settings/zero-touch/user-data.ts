import { type FormatProblem, type GivenValue, longestName, mostValues, type Reading, unreadable } from "./given.ts";
import { isRecord, readYaml, textOf } from "./yaml-value.ts";

const mostLineProblems = 5;
const lineExample = "Each line is NAME=value, as lan_address=192.0.2.10/24.";

/**
 * User data of a cloud or a hypervisor: `NAME=value` lines; or cloud-init's `#cloud-config`, of which `hostname` and the section
 * `outrider` with our names are read. Scripts and archives are for other readers.
 */
export function readUserData(text: string): Reading {
  const content = text.replace(/^\ufeff/, "").replace(/\u0000+$/, "");
  const [first = ""] = content.split(/\r?\n/, 1);
  if (/^#cloud-config\s*$/.test(first)) return readCloudConfig(content);
  if (/^(?:#!|Content-Type:|MIME-Version:)/i.test(first)) return unreadable("It is a script or an archive, which is not run here.", "line 1", lineExample);
  return readLines(content);
}

function readLines(content: string): Reading {
  const values: GivenValue[] = [];
  const problems: FormatProblem[] = [];
  for (const [index, raw] of content.split(/\r?\n/).entries()) {
    const line = raw.trim();
    const at = `line ${index + 1}`;
    if (line === "" || line.startsWith("#")) continue;
    const [, name, value] = /^(?:export\s+)?([A-Za-z][\w.-]*)\s*=(.*)$/.exec(line) ?? [];
    // The line itself is not repeated: it may hold a secret.
    if (name === undefined || value === undefined || name.length > longestName) {
      problems.push({ at, message: "This line is not NAME=value.", example: lineExample });
      if (problems.length >= mostLineProblems) break;
    } else if (values.length >= mostValues) {
      problems.push({ at, message: `There are more than ${mostValues} lines.`, example: "Remove some." });
      break;
    } else values.push({ name, value: unquoted(value.trim()), at });
  }
  return { values, problems };
}

function unquoted(value: string): string {
  const [, , inside] = /^(["'])(.*)\1$/.exec(value) ?? [];
  return inside ?? value;
}

function readCloudConfig(content: string): Reading {
  const yaml = readYaml(content);
  if (!yaml.ok) return unreadable(`It is no cloud-config: ${yaml.message}.`, yaml.at);
  if (!isRecord(yaml.value)) return unreadable("It is no cloud-config: it holds no names.", "line 1");
  const { hostname, outrider } = yaml.value;
  const values: GivenValue[] = [];
  if (typeof hostname === "string") values.push({ name: "hostname", value: hostname, at: yaml.lineOf(["hostname"]) });
  if (outrider === undefined) return { values, problems: [] };
  const section = readNames(outrider, (name) => yaml.lineOf(["outrider", name]));
  return { values: [...values, ...section.values], problems: section.problems };
}

/** A mapping of our names to texts, numbers, or lists of them. */
export function readNames(section: unknown, at: (name: string) => string): Reading {
  if (!isRecord(section)) return unreadable("There are no names and values.", "", "Write them as lan_address: 192.0.2.10/24.");
  const values: GivenValue[] = [];
  const problems: FormatProblem[] = [];
  for (const [name, value] of Object.entries(section).slice(0, mostValues)) {
    const text = textOf(value);
    if (name.length > longestName) continue;
    if (text === null) problems.push({ at: at(name), message: `${name} is neither a text nor a list.`, example: "Write one value, or several as a list." });
    else values.push({ name, value: text, at: at(name) });
  }
  return { values, problems };
}
