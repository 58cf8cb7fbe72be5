import { fact } from "../../protocol/facts.ts";
import { type FormatProblem, type GivenValue, longestName, mostValues, type Reading, unreadable } from "./given.ts";
import { isRecord, readYaml, textOf } from "./yaml-value.ts";

const mostLineProblems = 5;
const lineForm = fact("given-line-form");

/**
 * User data of a cloud or a hypervisor: `NAME=value` lines; or cloud-init's `#cloud-config`, of which `hostname` and the section
 * `outrider` with our names are read. Scripts and archives are for other readers.
 */
export function readUserData(text: string): Reading {
  const content = text.replace(/^\ufeff/, "").replace(/\u0000+$/, "");
  const [first = ""] = content.split(/\r?\n/, 1);
  if (/^#cloud-config\s*$/.test(first)) return readCloudConfig(content);
  if (/^(?:#!|Content-Type:|MIME-Version:)/i.test(first)) return unreadable(fact("given-script"), "line 1", lineForm);
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
      problems.push({ at, told: { wrong: fact("given-line"), right: lineForm } });
      if (problems.length >= mostLineProblems) break;
    } else if (values.length >= mostValues) {
      problems.push({ at, told: { wrong: fact("given-lines", { most: mostValues }), right: fact("given-fewer") } });
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
  if (!yaml.ok) return unreadable(yaml.said === null ? fact("cloud-config-deep") : fact("cloud-config-malformed", { said: yaml.said }), yaml.at);
  if (!isRecord(yaml.value)) return unreadable(fact("cloud-config-nameless"), "line 1");
  const { hostname, outrider } = yaml.value;
  const values: GivenValue[] = [];
  if (typeof hostname === "string") values.push({ name: "hostname", value: hostname, at: yaml.lineOf(["hostname"]) });
  if (outrider === undefined) return { values, problems: [] };
  const section = readNames(outrider, (name) => yaml.lineOf(["outrider", name]));
  return { values: [...values, ...section.values], problems: section.problems };
}

/** A mapping of our names to texts, numbers, or lists of them. */
export function readNames(section: unknown, at: (name: string) => string): Reading {
  if (!isRecord(section)) return unreadable(fact("given-no-names"), "", fact("given-names-form"));
  const values: GivenValue[] = [];
  const problems: FormatProblem[] = [];
  for (const [name, value] of Object.entries(section).slice(0, mostValues)) {
    const text = textOf(value);
    if (name.length > longestName) continue;
    if (text === null) problems.push({ at: at(name), told: { wrong: fact("given-no-text", { name }), right: fact("given-text-form") } });
    else values.push({ name, value: text, at: at(name) });
  }
  return { values, problems };
}
