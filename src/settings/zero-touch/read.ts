import { parseActivationCode } from "../../base/activation-code.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import { unpackText } from "../../base/packed-text.ts";
import { interfaceOf, roles } from "../fields/placed-fields.ts";
import type { Settings } from "../model/schema.ts";
import { applyValues } from "./apply.ts";
import { readCredentials } from "./credentials.ts";
import { largestDocumentCharacters, type ZeroTouchDocument } from "./document.ts";
import { inEnglish, ofFacts, ofField } from "./explained-problem.ts";
import {
  type FieldName,
  isFieldName,
  meaningOf,
  type SpecialName,
  zeroTouchFields,
} from "./fields.ts";
import { judgePassword } from "./given-password.ts";
import { readMetaData } from "./meta-data.ts";
import {
  type Explanation,
  type GivenValue,
  type Reading,
  type SourcedValue,
  shownName,
  unreadable,
} from "./named-values.ts";
import { readNetworkConfig } from "./network-config.ts";
import { readNetworkData } from "./network-data.ts";
import { readOvfEnvironment } from "./ovf-environment.ts";
import type { ZeroTouchProblem, ZeroTouchReport, ZeroTouchSource } from "./report.ts";
import { readSettingsFile } from "./settings-file.ts";
import { readUserData } from "./user-data.ts";
import { readSwitch } from "./yes-no.ts";

export interface ZeroTouchReading {
  settings: Settings;
  /** An absent secret stays as it is. */
  secrets: { "proxy-password"?: string; "activation-code"?: string };
  report: ZeroTouchReport;
}

const longestValue = 48 * 1024;
const mostProblems = 60;
const mostNotes = 20;
/** Decoders put it where bytes are no character. A password that holds it is not the operator's. */
const replacementCharacter = "\ufffd";

/** A value of these says that an operator sets up the network. */
const networkNames = [
  "lan_address",
  "lan_netmask",
  "lan_gateway",
  "lan_ipv6",
  "lan_ipv6_gateway",
  "lan_vlan",
  "lan_mac",
  "lan_routes",
  "wan_enabled",
] as const satisfies readonly FieldName[];

type Origin = Pick<ZeroTouchDocument, "source" | "place">;
type Given = GivenValue & Origin;

/**
 * Reads the sources on top of the present settings, and reports each value that cannot be used, with
 * the reason. The first source that names a value decides it. Never throws because of a document;
 * the settings that are returned are always valid.
 */
export function readZeroTouch(
  documents: readonly ZeroTouchDocument[],
  present: Settings,
  nowMs: number,
): ZeroTouchReading {
  const collector = new Collector(present);
  for (const document of documents) collector.read(document);
  return collector.finish(nowMs);
}

class Collector {
  #settings: Settings;
  readonly #given = new Map<FieldName, Given>();
  readonly #blank = new Map<FieldName, Given>();
  readonly #sources: ZeroTouchSource[] = [];
  readonly #problems: ZeroTouchProblem[] = [];
  readonly #networks: { origin: ZeroTouchDocument; values: GivenValue[] }[] = [];
  /** The settings file that sets up the network. */
  #networkFile: ZeroTouchDocument | undefined;
  /** By their English text. */
  readonly #notes = new Map<string, Fact>();

  constructor(present: Settings) {
    this.#settings = present;
  }

  read(document: ZeroTouchDocument): void {
    if (document.failure !== undefined) {
      this.#source(document, []);
      const [wrong = quoted(document.failure), right] = document.facts ?? [];
      this.#problem(document, "", "", { wrong, ...(right ? { right } : {}) });
      return;
    }
    const reading = this.#parse(document);
    const { values, problems, sections = [], network = [] } = reading;
    // An unknown name without a value is the rest of a value that a comma has cut.
    const names = [...values, ...network]
      .filter(({ name, value }) => value !== "" || meaningOf(name) !== null)
      .map(({ name }) => name);
    this.#source(document, [...sections, ...names]);
    for (const { at, explanation } of problems) this.#problem(document, at, "", explanation);
    this.#takeAside(document, reading);
    this.#takeAll(document, values);
    if (sections.includes("network")) this.#networkFile ??= document;
  }

  #source({ source, place }: Origin, names: readonly string[]): void {
    const fields = [...new Set(names.map((name) => shownName(name.slice(0, 100))))].slice(0, 100);
    this.#sources.push({ source, place, fields });
  }

  #parse({ format, text }: ZeroTouchDocument): Reading & { sections?: readonly string[] } {
    if (text.length > largestDocumentCharacters)
      return unreadable(fact("given-long", { most: largestDocumentCharacters }));
    switch (format) {
      case "ovf-environment":
        return readOvfEnvironment(text);
      case "user-data":
        return readUserData(text);
      case "meta-data":
        return readMetaData(text);
      case "network-config":
        return readNetworkConfig(text);
      case "network-data":
        return readNetworkData(text);
      case "credentials":
        return readCredentials(text);
      case "settings-yaml": {
        const file = readSettingsFile(text, this.#settings);
        if (file.settings !== null) this.#settings = file.settings;
        return file;
      }
    }
  }

  #takeAside(origin: ZeroTouchDocument, { network = [], notes = [] }: Reading): void {
    for (const note of notes) this.#note(note);
    if (network.length > 0) this.#networks.push({ origin, values: network });
  }

  #takeAll(origin: ZeroTouchDocument, values: readonly GivenValue[], nested = false): void {
    const preferUserData = values.some(
      ({ name, value }) => specialOf(name) === "prefer-user-data" && readSwitch(value) === true,
    );
    const packed = nested ? [] : values.filter(({ value }) => value.trim() !== "");
    if (preferUserData) for (const given of packed) this.#takePacked(origin, given);
    for (const given of values) this.#take(origin, given);
    if (!preferUserData) for (const given of packed) this.#takePacked(origin, given);
  }

  /** A value that is a text with names of its own: Qualys' USER_DATA, cloud-init's properties. */
  #takePacked(origin: ZeroTouchDocument, given: GivenValue): void {
    const reading = readPacked(given);
    if (reading === null) return;
    for (const { at, explanation } of reading.problems)
      this.#problem(origin, at, given.name, explanation);
    this.#takeAside(origin, reading);
    this.#takeAll({ ...origin, format: "user-data" }, reading.values, true);
  }

  /**
   * What a hypervisor made for the card is used as a whole: a gateway of its network beside an
   * address of an operator's would be wrong.
   */
  #takeNetworks(): void {
    for (const { origin, values } of this.#networks) {
      const first =
        networkNames.map((name) => this.#given.get(name)).find((given) => given !== undefined) ??
        (this.#networkFile ? { ...this.#networkFile, name: "network" } : undefined);
      if (first === undefined) for (const given of values) this.#take(origin, given);
      else if (!values.every((given) => this.#isGiven(given)))
        this.#note(
          fact("note-network-given", {
            place: origin.place,
            source: first.source,
            name: shownName(first.name),
          }),
        );
    }
  }

  #isGiven({ name, value }: GivenValue): boolean {
    return isFieldName(name) && this.#given.get(name)?.value.trim() === value.trim();
  }

  #take(origin: ZeroTouchDocument, given: GivenValue): void {
    const meaning = meaningOf(given.name);
    if (meaning === null) {
      // Settings files have sections of their own; other values of an environment are for other
      // programs.
      if (origin.format === "user-data" && given.value !== "")
        this.#note(fact("note-unknown", { name: shownName(given.name.slice(0, 60)) }));
      return;
    }
    const blank = given.value.trim() === "";
    if ("unused" in meaning) {
      if (!blank && readSwitch(given.value) !== false)
        this.#note(fact(meaning.unused, { name: given.name }));
      return;
    }
    if ("special" in meaning) return;
    const { field } = meaning;
    this.#takeField(origin, field, { ...given, value: asWritten(field, given.value) });
  }

  #takeField(origin: ZeroTouchDocument, field: FieldName, given: GivenValue): void {
    const blank = given.value.trim() === "";
    const sourced = { ...given, source: origin.source, place: origin.place };
    if (blank) {
      if (!this.#blank.has(field)) this.#blank.set(field, sourced);
    } else if (given.value.includes(replacementCharacter))
      this.#problem(origin, given.at, given.name, {
        wrong: fact("given-replaced"),
        right: fact("given-replaced-form"),
      });
    else if (given.value.length > longestValue)
      this.#problem(origin, given.at, given.name, { wrong: fact("given-too-long") });
    else {
      const first = this.#given.get(field);
      if (first === undefined) this.#given.set(field, sourced);
      else if (first.value.trim() !== given.value.trim())
        this.#problem(origin, given.at, given.name, {
          wrong: fact("given-before", { source: first.source }),
          right: fact("given-once"),
        });
    }
  }

  finish(nowMs: number): ZeroTouchReading {
    this.#takeNetworks();
    const secrets: ZeroTouchReading["secrets"] = {};
    const code = this.#given.get("activation_code");
    if (code) {
      const parsed = parseActivationCode(code.value);
      if (parsed.ok) secrets["activation-code"] = parsed.code.text;
      else
        this.#problem(code, code.at, code.name, {
          wrong: fact("given-no-code"),
          right: fact("given-code-form"),
        });
    }
    const values: SourcedValue[] = [...this.#given].map(([field, given]) => ({ ...given, field }));
    const applied = applyValues(this.#settings, values);
    for (const { value, problem } of applied.problems)
      this.#problem(value, value.at, value.name, { problem });
    for (const note of applied.notes) this.#note(note);
    const password = this.#given.get("proxy_password")?.value ?? applied.proxyPassword;
    const judged = judgePassword(password, applied.settings);
    if ("password" in judged) secrets["proxy-password"] = judged.password;
    else if ("note" in judged) this.#note(judged.note);
    else if ("problem" in judged) {
      const given = this.#given.get("proxy_password") ?? this.#given.get("proxy_url");
      if (given) this.#problem(given, given.at, given.name, judged);
    }
    this.#noteBlanks(applied.settings);
    if (secrets["activation-code"] !== undefined && applied.settings.platform.url === null)
      this.#note(fact("note-code-alone"));
    return {
      settings: applied.settings,
      secrets,
      report: {
        readAt: nowMs,
        sources: this.#sources.slice(0, 20),
        problems: this.#problems.slice(0, mostProblems),
        ...this.#reportedNotes(),
      },
    };
  }

  #noteBlanks(settings: Settings): void {
    for (const role of roles) {
      const blank = this.#blank.get(`${role}_address`);
      if (blank && interfaceOf(settings, role)?.ipv4.method === "dhcp")
        this.#note(fact("note-dhcp", { name: blank.name, role: role.toUpperCase() }));
    }
  }

  #problem({ source, place }: Origin, at: string, field: string, explanation: Explanation): void {
    const where = at === "" ? place : `${place}, ${at}`;
    this.#problems.push({
      source,
      place: where.slice(0, 500),
      field: field.slice(0, 100),
      ...("problem" in explanation ? ofField(explanation.problem, field) : ofFacts(explanation)),
    });
  }

  #note(note: Fact): void {
    this.#notes.set(inEnglish(note), note);
  }

  #reportedNotes(): Pick<ZeroTouchReport, "notes" | "noteFacts"> {
    const notes = [...this.#notes].slice(0, mostNotes);
    return {
      notes: notes.map(([text]) => text),
      ...(notes.length === 0 ? {} : { noteFacts: notes.map(([, note]) => note) }),
    };
  }
}

/** Quotes around a value are dropped, as in lines; a password can have them. */
function asWritten(field: FieldName, value: string): string {
  if (zeroTouchFields[field].secret === true) return value;
  return /^\s*(["'])(.*)\1\s*$/s.exec(value)?.[2] ?? value;
}

function specialOf(name: string): SpecialName | null {
  const meaning = meaningOf(name);
  return meaning !== null && "special" in meaning ? meaning.special : null;
}

/** null for a value that has no names of its own. */
function readPacked({ name, value }: GivenValue): Reading | null {
  const special = specialOf(name);
  if (special === "user-data") return readUserData(value);
  if (special !== "meta-data" && special !== "network-config") return null;
  const text = unpackText(Buffer.from(value), largestDocumentCharacters);
  if (!text.ok) return unreadable(text.wrong, "", text.right);
  return special === "meta-data" ? readMetaData(text.text) : readNetworkConfig(text.text);
}
