import { fact } from "../../base/messages/facts.ts";
import {
  type Explanation,
  type FormatProblem,
  type GivenValue,
  longestName,
  mostValues,
  nothing,
  type Reading,
  shownName,
  unreadable,
} from "./named-values.ts";
import { isMarked, isRecord, marked, readYaml, textOf } from "./yaml-value.ts";

const mostLineProblems = 5;
const lineForm = fact("given-line-form");

/**
 * Reads user data of a cloud or a hypervisor: `NAME=value` lines; or cloud-init's `#cloud-config`,
 * with `hostname` and the section `outrider`. Scripts and archives are for other readers.
 */
export function readUserData(text: string): Reading {
  const content = text.replace(/^\ufeff/, "").replace(/\u0000+$/, "");
  const [first = ""] = content.split(/\r?\n/, 1);
  if (/^#cloud-config\s*$/.test(first)) return readCloudConfig(content);
  if (/^(?:#!|Content-Type:|MIME-Version:)/i.test(first))
    return unreadable(fact("given-script"), "line 1", lineForm);
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
      problems.push({ at, explanation: { wrong: fact("given-line"), right: lineForm } });
      if (problems.length >= mostLineProblems) break;
    } else if (values.length >= mostValues) {
      problems.push({
        at,
        explanation: {
          wrong: fact("given-lines", { most: mostValues }),
          right: fact("given-fewer"),
        },
      });
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
  if (!yaml.ok)
    return unreadable(
      yaml.said === null
        ? fact("cloud-config-deep")
        : fact("cloud-config-malformed", { said: yaml.said }),
      yaml.at,
    );
  if (!isRecord(yaml.value)) return unreadable(fact("cloud-config-nameless"), "line 1");
  const { hostname, outrider } = isRecord(yaml.texts) ? yaml.texts : {};
  const named =
    hostname === undefined || hostname === ""
      ? nothing
      : readNames({ hostname }, (name) => yaml.lineOf([name]));
  const section =
    outrider === undefined
      ? nothing
      : readNames(outrider, (name) => yaml.lineOf(["outrider", name]));
  return {
    values: [...named.values, ...section.values],
    problems: [...named.problems, ...section.problems],
  };
}

/** A mapping of our names to texts, numbers, or lists of them. */
export function readNames(section: unknown, at: (name: string) => string): Reading {
  if (section === marked) return unreadable(fact("given-marked"), "", fact("given-marked-form"));
  if (!isRecord(section)) return unreadable(fact("given-no-names"), "", fact("given-names-form"));
  const values: GivenValue[] = [];
  const problems: FormatProblem[] = [];
  for (const [name, value] of Object.entries(section).slice(0, mostValues)) {
    if (name.length > longestName) continue;
    const text = textOf(value);
    const explanation = wrongWith(name, value, text);
    if (explanation !== null) problems.push({ at: at(name), explanation });
    else values.push({ name, value: text ?? "", at: at(name) });
  }
  return { values, problems };
}

function wrongWith(written: string, value: unknown, text: string | null): Explanation | null {
  const name = shownName(written);
  if (isMarked(value))
    return { wrong: fact("given-marked-value", { name }), right: fact("given-marked-form") };
  if (text === null)
    return { wrong: fact("given-no-text", { name }), right: fact("given-text-form") };
  const joined = text === "" && name !== written.trim() && name !== "...";
  return joined ? { wrong: fact("given-joined", { name }), right: fact("given-names-form") } : null;
}
