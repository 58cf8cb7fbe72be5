import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Validation } from "../checks/validate.ts";
import { firstLabel } from "../fields/hostname.ts";
import { roles } from "../fields/placed-fields.ts";
import { type FormName, withTexts } from "../form.ts";
import type { FieldProblem } from "../model/problems.ts";
import type { Settings } from "../model/schema.ts";
import { type FieldName, zeroTouchFields } from "./fields.ts";
import {
  type FormTexts,
  type GivenTexts,
  networkTexts,
  plainTexts,
  proxyTexts,
} from "./form-texts.ts";
import type { SourcedValue } from "./named-values.ts";
import { parseProxyUrl } from "./proxy-url.ts";
import { unusedValues } from "./values-without-effect.ts";

export interface ValueProblem {
  value: SourcedValue;
  problem: FieldProblem;
}

export interface Applied {
  settings: Settings;
  /** The password in the proxy's address, if it has one. */
  proxyPassword: string | undefined;
  problems: ValueProblem[];
  notes: Fact[];
}

/**
 * One form after the other, each on valid settings: a value that is wrong takes along no more than
 * its own form. The proxy first: whether a DNS server is needed depends on it.
 */
const stages: readonly {
  form: FormName;
  texts(settings: Settings, given: GivenTexts): FormTexts;
}[] = [
  { form: "proxy", texts: proxyTexts },
  { form: "network", texts: networkTexts },
  { form: "platform", texts: plainTexts },
  { form: "time", texts: plainTexts },
  { form: "trust", texts: plainTexts },
  { form: "scan", texts: plainTexts },
  { form: "console", texts: plainTexts },
];

type Stage = (typeof stages)[number];

function build({ texts }: Stage, settings: Settings, given: GivenTexts): Validation {
  const made = texts(settings, given);
  return "problem" in made
    ? { ok: false, problems: [made.problem] }
    : withTexts(settings, made.texts);
}

/**
 * Puts the values on top of the settings. A value that cannot be used is left out and reported; the
 * settings that are returned are valid.
 */
export function applyValues(present: Settings, values: readonly SourcedValue[]): Applied {
  const problems: ValueProblem[] = [];
  const used = new Map<FieldName, SourcedValue>();
  let settings = present;
  for (const stage of stages) {
    const mine = new Map(
      values
        .filter(({ field }) => zeroTouchFields[field].setting?.form === stage.form)
        .map((value) => [value.field, value]),
    );
    settings = applyStage(stage, settings, mine, problems);
    for (const [field, value] of mine) used.set(field, value);
  }
  const proxyUrl = values.find(({ field }) => field === "proxy_url");
  const proxy = proxyUrl && settings.proxy.kind !== "none" ? parseProxyUrl(proxyUrl.value) : null;
  const notes = unusedValues(settings, used);
  if (proxyUrl && proxy?.isUsualPort)
    notes.push(fact("note-proxy-port", { name: proxyUrl.name, port: proxy.port }));
  const label = firstLabel(used.get("hostname")?.value ?? "");
  if (label !== null)
    notes.push(fact("note-first-label", { name: used.get("hostname")?.name ?? "", label }));
  const login = used.get("proxy_user") ?? proxyUrl;
  if (login && "user" in settings.proxy && hasSlashForDomain(settings.proxy.user))
    notes.push(fact("note-user-slash", { name: login.name }));
  return { settings, proxyPassword: proxy?.password ?? undefined, problems, notes };
}

/** Basic may have any user; of Windows' names none holds a slash. */
const hasSlashForDomain = (user: string) => /^[^\\/@]+\/[^\\/@]+$/.test(user);

function applyStage(
  stage: Stage,
  present: Settings,
  values: Map<FieldName, SourcedValue>,
  problems: ValueProblem[],
): Settings {
  while (values.size > 0) {
    const built = build(
      stage,
      present,
      new Map([...values].map(([field, { value }]) => [field, value])),
    );
    if (built.ok) return built.settings;
    // Only the values that the problems name are left out. When a problem names none, all are left
    // out, since the settings must be valid.
    const blamed = new Set<FieldName>();
    for (const problem of built.problems) {
      const value = culprit(problem, values);
      if (value === null || blamed.has(value.field)) continue;
      blamed.add(value.field);
      problems.push({ value, problem });
    }
    if (blamed.size === 0) {
      const [problem] = built.problems;
      const [value] = values.values();
      if (problem && value) problems.push({ value, problem });
      return present;
    }
    for (const field of blamed) values.delete(field);
  }
  return present;
}

/** The value that caused a problem; when a group lacks something, the value that needs it. */
function culprit(
  { field }: FieldProblem,
  values: ReadonlyMap<FieldName, SourcedValue>,
): SourcedValue | null {
  const reach = (value: SourcedValue) =>
    Math.max(
      0,
      ...zeroTouchFields[value.field].faults
        .filter((path) => field === path || field.startsWith(`${path}.`))
        .map((path) => path.length),
    );
  const named = [...values.values()].sort((a, b) => reach(b) - reach(a))[0];
  if (named && reach(named) > 0) return named;
  for (const role of roles) {
    if (!field.startsWith(`network.${role}`)) continue;
    const value =
      (field.includes("ipv6") ? undefined : values.get(`${role}_address`)) ??
      values.get(`${role}_ipv6`) ??
      [...values.values()].find(
        ({ field: name }) => name.startsWith(`${role}_`) && name !== "wan_enabled",
      );
    if (value) return value;
  }
  return values.get("wan_enabled") ?? null;
}
