import { fact } from "../../base/messages/facts.ts";
import { fromBase64, unpackText } from "../../base/packed-text.ts";
import { largestDocumentCharacters } from "./document.ts";
import { meaningOf, zeroTouchFields } from "./fields.ts";
import { isMime, type MimePart, readMime, wrongPart } from "./mime.ts";
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
 * with `hostname` and the section `outrider`. Either may be packed in base64 and gzip, or be a part
 * of MIME. Scripts and archives are for other readers.
 */
export function readUserData(text: string): Reading {
  const packed = fromBase64(text);
  if (packed === null) return readPlain(text, true);
  const unpacked = unpackText(packed, largestDocumentCharacters);
  return unpacked.ok
    ? readPlain(unpacked.text, true)
    : unreadable(unpacked.wrong, "", unpacked.right);
}

function readPlain(text: string, mayBeMime: boolean): Reading {
  const content = text.replace(/^\ufeff/, "").replace(/\u0000+$/, "");
  // cloud-init looks at the first line that is not blank, and past the header of a template.
  const begin = content.trimStart();
  const [, template, start = ""] = /^(##\s*template:[^\n]*\n\s*)?([\s\S]*)$/.exec(begin) ?? [];
  if (isMime(begin) && mayBeMime) return readParts(begin);
  if (template !== undefined && /\{\{|\{%/.test(start))
    return unreadable(fact("given-template"), lineOfTemplate(content), fact("given-template-form"));
  if (/^#cloud-config\s*$/m.test(start.split(/\r?\n/, 1)[0] ?? "")) return readCloudConfig(content);
  if (/^(?:#!|#(?:include|cloud-|part-handler)|Content-Type:|MIME-Version:)/i.test(start))
    return unreadable(
      fact("given-script"),
      `line ${content.slice(0, content.length - start.length).split("\n").length}`,
      lineForm,
    );
  return readLines(content);
}

function lineOfTemplate(content: string): string {
  return `line ${content.split("\n").findIndex((line) => /\{\{|\{%/.test(line)) + 1}`;
}

/** The parts that cloud-init would read as cloud-config; the first that gives a name decides it. */
function readParts(text: string): Reading {
  const parts = readMime(text);
  if (parts === null) return unreadable(fact("given-mime"), "line 1", fact("given-mime-form"));
  const readings = parts.map((part, index): Reading => {
    const reading = readPart(part);
    const at = (within: string) => [`part ${index + 1}`, within].filter(Boolean).join(", ");
    return {
      values: reading.values.map((value) => ({ ...value, at: at(value.at) })),
      problems: reading.problems.map((problem) => ({ ...problem, at: at(problem.at) })),
      notes: reading.notes ?? [],
    };
  });
  return {
    values: readings.flatMap(({ values }) => values),
    problems: readings.flatMap(({ problems }) => problems),
    notes: readings.flatMap(({ notes = [] }) => notes),
  };
}

function readPart(part: MimePart): Reading {
  if ("wrong" in part) return unreadable(part.wrong, "", part.right);
  return /^(?:text\/(?:cloud-config|plain|jinja2)|application\/(?:gzip|x-gzip|octet-stream))$/.test(
    part.type,
  )
    ? readPlain(part.text, false)
    : unreadable(wrongPart(part.type), "", lineForm);
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
  const texts = isRecord(yaml.texts) ? yaml.texts : {};
  const { outrider } = texts;
  // cloud-init has both; either may be a full name.
  const nameKey = texts.hostname === undefined || texts.hostname === "" ? "fqdn" : "hostname";
  const hostname = texts[nameKey];
  const named =
    hostname === undefined || hostname === ""
      ? nothing
      : readNames({ hostname }, () => yaml.lineOf([nameKey]));
  const section =
    outrider === undefined
      ? nothing
      : readNames(outrider, (name) => yaml.lineOf(["outrider", name]));
  return {
    values: [...named.values, ...section.values],
    problems: [...named.problems, ...section.problems],
    notes: unusedKeys(texts).map(([name, right]) => fact("note-cloud-config", { name, right })),
  };
}

/** Keys of a cloud-config for what is a setting here too, and the names of that setting. */
const elsewhere: Readonly<Record<string, string>> = {
  network: "lan_address, lan_gateway and lan_dns",
  ntp: "ntp_servers",
  ca_certs: "trusted_certificates",
  "ca-certs": "trusted_certificates",
  timezone: "scan_time_zone",
  keyboard: "keyboard",
  resolv_conf: "lan_dns and lan_search",
};

function unusedKeys(texts: Record<string, unknown>): [name: string, right: string][] {
  const proxy =
    isRecord(texts.apt) && ["proxy", "http_proxy", "https_proxy"].some(isKeyOf(texts.apt));
  const unused = Object.entries(elsewhere).filter(
    ([name]) => texts[name] !== undefined && texts[name] !== "",
  );
  return proxy ? [...unused, ["apt", "proxy_url"]] : unused;
}

const isKeyOf = (section: object) => (name: string) => Object.hasOwn(section, name);

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

function isSecret(name: string): boolean {
  const meaning = meaningOf(name);
  return meaning !== null && "field" in meaning && zeroTouchFields[meaning.field].secret === true;
}

function wrongWith(written: string, value: unknown, text: string | null): Explanation | null {
  const name = shownName(written);
  if (isMarked(value))
    return { wrong: fact("given-marked-value", { name }), right: fact("given-marked-form") };
  // Its brackets would be lost, and another password said in silence.
  if (Array.isArray(value) && isSecret(written))
    return {
      wrong: fact("given-secret-list", { name }),
      right: fact("given-secret-list-form"),
    };
  if (text === null)
    return { wrong: fact("given-no-text", { name }), right: fact("given-text-form") };
  const joined = text === "" && name !== written.trim() && name !== "...";
  return joined ? { wrong: fact("given-joined", { name }), right: fact("given-names-form") } : null;
}
