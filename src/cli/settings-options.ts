import { SettingsRefused } from "../configd/api/settings-refused.ts";
import type { FormName } from "../settings/fields/field.ts";
import { type Texts, textsOf, withTexts } from "../settings/form.ts";
import type { FieldProblem } from "../settings/model/problems.ts";
import type { Settings } from "../settings/model/schema.ts";
import { parseProxyUrl, proxyUrlTexts } from "../settings/zero-touch/proxy-url.ts";
import {
  type KnownOption,
  knownOptions,
  type Prefix,
  prefixes,
  type SettingsOptions,
} from "./known-options.ts";
import { UsageError } from "./output.ts";

type Typed = Partial<Texts>;

/** The proxy first: whether a DNS server is needed depends on it. */
const forms: readonly FormName[] = [
  "proxy",
  "network",
  "platform",
  "time",
  "trust",
  "scan",
  "console",
];

/**
 * The present settings with the options applied, through the same forms as the console. `trustFile`
 * is what --trust-file and --trust-seen name, in PEM. Throws SettingsRefused with every problem and
 * its field, and UsageError for options that exclude each other.
 */
export function applyOptions(
  settings: Settings,
  options: SettingsOptions,
  trustFile: string | null = null,
): Settings {
  const problems: FieldProblem[] = [];
  let result = settings;
  for (const form of forms) {
    const typed = typedInto(form, result, options, trustFile);
    if (Object.keys(typed).length === 0) continue;
    const validation = withTexts(result, typed);
    if (validation.ok) result = validation.settings;
    else problems.push(...validation.problems);
  }
  const unique = problems.filter(
    (problem, index) =>
      problems.findIndex(
        (other) => other.field === problem.field && other.code === problem.code,
      ) === index,
  );
  if (unique.length > 0) throw new SettingsRefused(unique);
  return result;
}

function typedInto(
  form: FormName,
  settings: Settings,
  options: SettingsOptions,
  trustFile: string | null,
): Typed {
  if (form === "network") return networkTexts(settings, options);
  if (form === "proxy") return proxyTexts(settings, options);
  const typed = plainTexts((known) => known.field?.form === form, options);
  if (form === "trust" && trustFile !== null) {
    const before = typed["trust.certificates"] ?? textsOf(settings, form)["trust.certificates"];
    typed["trust.certificates"] = `${before}\n${trustFile}`;
  }
  return typed;
}

/** Options that mean more than the text of one setting: each has its own code here. */
const ownMeaning: readonly string[] = ["proxy", "trust-file", "trust-seen"];

/** Each option as the text of its own setting. */
function plainTexts(wanted: (known: KnownOption) => boolean, options: SettingsOptions): Typed {
  const typed: Typed = {};
  for (const known of knownOptions.filter(wanted)) {
    const { name, option, field } = known;
    const value: string | boolean | undefined = Reflect.get(options, name);
    if (field === null || value === undefined || value === false || ownMeaning.includes(name))
      continue;
    const text = value === true ? "" : oneOfChoices(known, value);
    typed[field.path] = option.text ? option.text(text) : text;
  }
  return typed;
}

function oneOfChoices({ name, field }: KnownOption, value: string): string {
  const input = field?.field.input;
  if (input?.kind === "yes-no") return oneOf(name, value, ["yes", "no"]);
  if (input?.kind !== "choice") return value;
  return oneOf(
    name,
    value,
    input.choices.map((choice) => choice.value),
  );
}

function oneOf(name: string, value: string, choices: readonly string[]): string {
  if (choices.includes(value)) return value;
  throw new UsageError(`--${name} takes ${choices.join(", ")}, not '${value.slice(0, 40)}'`);
}

function networkTexts(settings: Settings, options: SettingsOptions): Typed {
  const form = textsOf(settings, "network");
  const typed: Typed = {};
  if (options["swap-roles"]) {
    typed["network.lan.macAddress"] = form["network.wan.macAddress"];
    typed["network.wan.macAddress"] = form["network.lan.macAddress"];
  }
  for (const prefix of prefixes) Object.assign(typed, roleTexts(prefix, options));
  const mode = typed["network.mode"] ?? form["network.mode"];
  if (mode === "single" && Object.keys(options).some((name) => name.startsWith("wan-")))
    throw new UsageError("WAN is there in split mode only: add --mode split");
  return typed;
}

/** The options of one prefix; a static address by one of them is a static method. */
function roleTexts(prefix: Prefix, options: SettingsOptions): Typed {
  const typed = plainTexts(
    (known) => known.prefix === prefix && known.field?.form === "network",
    options,
  );
  const role = prefix === "wan-" ? "wan" : "lan";
  const has = (name: "address" | "gateway" | "address6" | "gateway6") =>
    options[`${prefix}${name}`] !== undefined;
  const isStatic = has("address") || has("gateway");
  const off = options[`${prefix}no-ipv4`] ?? false;
  if (options[`${prefix}dhcp`]) {
    if (off || isStatic)
      throw new UsageError(`--${prefix}dhcp and a static address exclude each other`);
  } else if (isStatic && !off) typed[`network.${role}.ipv4.method`] = "static";
  if (options[`${prefix}ipv6`] === undefined && (has("address6") || has("gateway6")))
    typed[`network.${role}.ipv6.method`] = "static";
  return typed;
}

function proxyTexts(settings: Settings, options: SettingsOptions): Typed {
  const { proxy } = options;
  const given = knownOptions.filter(
    ({ name, topic }) => topic === "proxy" && Object.hasOwn(options, name),
  );
  if (given.length === 0) return {};
  if (proxy === "none" || proxy === "") return { "proxy.kind": "none" };
  const form = textsOf(settings, "proxy");
  if (proxy !== undefined) {
    Object.assign(form, addressTexts(proxy));
    // A new proxy without any other option is tried without a log-in.
    if (form["proxy.user"] === "" && settings.proxy.kind === "none")
      form["proxy.authentication"] = "none";
  }
  Object.assign(
    form,
    plainTexts(({ field }) => field?.form === "proxy", options),
  );
  if (options["proxy-authentication"] === undefined) {
    if (form["proxy.user"] === "" && options["proxy-user"] !== undefined)
      form["proxy.authentication"] = "none";
    else if (form["proxy.user"] !== "" && form["proxy.authentication"] === "none")
      form["proxy.authentication"] = "automatic";
  }
  const changing = given.some(({ name }) => name.startsWith("proxy-") && name !== "proxy-password");
  if (form["proxy.kind"] === "none" && changing)
    throw new UsageError("there is no proxy yet: name it by --proxy");
  return form;
}

function addressTexts(address: string): Typed {
  const parsed = parseProxyUrl(address);
  if (parsed === null) return { "proxy.kind": "http", "proxy.host": address };
  // Every user of this machine can see a process's arguments (ps), so no password belongs there.
  if (parsed.password)
    throw new UsageError(
      "a password is asked for by --proxy-password; it does not belong into the address",
    );
  const texts: Typed = proxyUrlTexts(parsed);
  if (parsed.user) texts["proxy.user"] = parsed.user;
  return texts;
}
