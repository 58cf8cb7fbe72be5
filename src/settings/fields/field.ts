import type { FieldProblemCode } from "../model/problems.ts";
import type { InterfaceSettings, Settings } from "../model/schema.ts";
import type { Findings } from "../values/field-value.ts";
/** The parts of the settings that are changed together: a form of the console each. */
export const formNames = [
  "network",
  "proxy",
  "platform",
  "trust",
  "time",
  "scan",
  "console",
] as const;
export type FormName = (typeof formNames)[number];

export interface Choice {
  /** The form's text. */
  value: string;
  label: string;
}

/** How the console asks for a setting. */
export type Input =
  /** `width` in columns. */
  | { kind: "text"; width: number }
  | { kind: "choice"; choices: readonly Choice[] }
  | { kind: "yes-no" }
  /** The choices come from the machine, or a screen of its own asks: console/screens/ has it. */
  | { kind: "own" };

/** A name by which a setting can be given from outside, before anybody is at the console. */
export interface ZeroTouchName<Also = readonly string[]> {
  /** Our own name; that of an interface's setting without the role, which `lan_` or `wan_` is. */
  name: string;
  /** Names that other vendors' appliances have for it. */
  also?: Also;
  /** For docs/operate/zero-touch.md. */
  means: string;
  /**
   * Places whose problems are this value's fault; by default the setting's own. A place covers what
   * is below it.
   */
  faults?: readonly string[];
  /** The form's text for a value; by default the value. */
  text?(value: string): string;
}

/** An option of the command line that sets the setting. */
export interface CommandOption {
  /** Of an interface's setting also with `lan-` or `wan-` in front. */
  name: string;
  /** What the help shows for the value; an option without one is a flag. */
  value?: string;
  help: string;
  /** The form's text for a value, or what a flag stands for; by default the value. */
  text?(value: string): string;
}

/** What `put` may do besides writing into the settings. */
export interface Typed {
  /** Notes what is wrong with the text itself; `below` is a place within the setting, as `.0`. */
  note(code: FieldProblemCode, values?: Record<string, string>, below?: string): void;
  /** The text of another setting of the same form and section; "" for one that it lacks. */
  other(path: string): string;
}

interface CommonField<Section, Also> {
  /** Its place in its section. */
  path: string;
  form: FormName;
  /** The console's words, in English: a part of its catalogue. */
  label: string;
  /** One line below the field. */
  hint: string;
  /** The whole story, on F1. */
  help: string;
  input: Input;
  /** The setting as a form shows it; "" where the section has no such setting now. */
  text(section: Section): string;
  /**
   * Writes what was typed into the section, as far as the section has such a setting: a static
   * address needs the method `static`, which is put before. What is written is judged afterwards,
   * by `check` and by src/settings/checks/.
   */
  put(section: Section, text: string, typed: Typed): void;
  /** Replaces the value by its canonical form, or adds what is wrong with it alone. */
  check?(section: Section, findings: Findings): void;
  /** Its line of a review; null where the line of another setting shows it too. */
  review: { term: string; value(section: Section): string } | null;
  /** A change can cut the appliance off from its platform or its operator, and is tried first. */
  needsTrial: boolean;
  zeroTouch: readonly ZeroTouchName<Also>[];
  options: readonly CommandOption[];
}

/** All about one setting but its schema, which is in `../model/schema.ts`. */
export interface SettingField extends CommonField<Settings, readonly string[]> {}

/** One setting that LAN and WAN have each; its section is the role's interface. */
export interface InterfaceField
  extends CommonField<InterfaceSettings, { lan?: readonly string[]; wan?: readonly string[] }> {}
