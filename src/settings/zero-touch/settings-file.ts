import { type Fact, fact } from "../../base/messages/facts.ts";
import { validateSettings } from "../checks/validate.ts";
import { migrate } from "../migrate.ts";
import type { Settings } from "../model/schema.ts";
import { validators } from "../validators.ts";
import {
  type FormatProblem,
  type GivenValue,
  nothing,
  shownName,
  unreadable,
} from "./named-values.ts";
import { readNames } from "./user-data.ts";
import { isMarked, isRecord, readYaml } from "./yaml-value.ts";

export interface SettingsFileReading {
  /** The present settings with the file's changes; null when the file is not used. */
  settings: Settings | null;
  /** Values by our names, in its section `values`; secrets are given there. */
  values: GivenValue[];
  problems: FormatProblem[];
  /** The sections that it has. */
  sections: string[];
}

/**
 * Reads a YAML file on a stick or a disc: settings in the form of the saved file, whole or only the
 * parts that differ, and a section `values` with the names of zero-touch. The settings are used as a
 * whole or, when anything in them is wrong, not at all.
 */
export function readSettingsFile(text: string, present: Settings): SettingsFileReading {
  const refused = (wrong: Fact, at = ""): SettingsFileReading => ({
    settings: null,
    sections: [],
    ...unreadable(wrong, at, fact("settings-file-form")),
  });
  const yaml = readYaml(text);
  if (!yaml.ok)
    return refused(
      yaml.said === null
        ? fact("settings-file-deep")
        : fact("settings-file-malformed", { said: yaml.said }),
      yaml.at,
    );
  if (!isRecord(yaml.value)) return refused(fact("settings-file-empty"), "line 1");
  const { values: _, ...wanted } = yaml.value;
  const { values: named, ...written } = isRecord(yaml.texts) ? yaml.texts : {};
  const section =
    named === undefined ? nothing : readNames(named, (name) => yaml.lineOf(["values", name]));
  const sections = Object.keys(wanted);
  if (sections.length === 0) return { settings: null, sections, ...section };
  const refusedSettings = (wrong: Fact, at?: string): SettingsFileReading => {
    const { problems, ...reading } = refused(wrong, at);
    return { ...reading, values: section.values, problems: [...section.problems, ...problems] };
  };
  const [strange] = Object.entries(written).find(([, texts]) => isMarked(texts)) ?? [];
  if (strange !== undefined)
    return refusedSettings(
      fact("given-marked-value", { name: shownName(strange) }),
      yaml.lineOf([strange]),
    );
  const replaced = Object.entries(written).find(([, texts]) => hasReplaced(texts));
  if (replaced !== undefined)
    return refusedSettings(fact("given-replaced"), yaml.lineOf([replaced[0]]));
  const migrated =
    typeof wanted.version === "number" ? migrate(wanted) : { ok: true as const, value: wanted };
  if (!migrated.ok) return refusedSettings(migrated.wrong);
  const shape = validators.Settings(merge(present, migrated.value));
  if (!shape.valid) {
    const [violation] = shape.violations;
    const path = (violation?.path ?? "").split("/").slice(1);
    return refusedSettings(
      shapeFact(path.join("."), violation?.message),
      nearest(yaml.lineOf, path),
    );
  }
  const validation = validateSettings(shape.value);
  if (validation.ok) return { settings: validation.settings, sections, ...section };
  const problems = validation.problems.map(
    (problem): FormatProblem => ({
      at: nearest(yaml.lineOf, problem.field.split(".")),
      explanation: { problem },
    }),
  );
  return {
    settings: null,
    sections,
    values: section.values,
    problems: [...section.problems, ...problems],
  };
}

/** Whether a text of it has a character that a decoder has replaced. */
function hasReplaced(texts: unknown): boolean {
  if (typeof texts === "string") return texts.includes("\ufffd");
  return typeof texts === "object" && texts !== null && Object.values(texts).some(hasReplaced);
}

function shapeFact(part: string, message: string | undefined): Fact {
  if (message === undefined) return fact("settings-file-invalid");
  // The name of the unexpected part stands after the colon.
  const said = message.replace(/(?<=: )[\s\S]*$/, shownName);
  return part === ""
    ? fact("settings-file-shape", { said })
    : fact("settings-file-part", { part, said });
}

/**
 * Merges objects and replaces anything else; a section whose kind changes is replaced as a whole.
 */
function merge(present: unknown, wanted: unknown): unknown {
  if (!isRecord(present) || !isRecord(wanted)) return wanted;
  const changesKind = ["kind", "method"].some(
    (key) => key in wanted && wanted[key] !== present[key],
  );
  if (changesKind) return wanted;
  const merged: Record<string, unknown> = { ...present };
  for (const [key, value] of Object.entries(wanted))
    merged[key] = Object.hasOwn(present, key) ? merge(present[key], value) : value;
  return merged;
}

function nearest(lineOf: (path: readonly string[]) => string, path: readonly string[]): string {
  for (let length = path.length; length > 0; length--) {
    const line = lineOf(path.slice(0, length));
    if (line !== "") return line;
  }
  return "";
}
