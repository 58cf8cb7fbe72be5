import { SettingsRefused } from "../configd/api/settings-refused.ts";
import type { Validation } from "../settings/checks/validate.ts";
import {
  consoleFormOf,
  type InterfaceForm,
  networkFormOf,
  networkFormOfTexts,
  networkTextsOf,
  proxyFormOf,
  scanFormOf,
  timeFormOf,
  trustFormOf,
  withConsoleForm,
  withNetworkForm,
  withPlatformForm,
  withProxyForm,
  withScanForm,
  withTimeForm,
  withTrustForm,
} from "../settings/form.ts";
import type { FieldProblem } from "../settings/model/problems.ts";
import type { ProxySettings, Settings } from "../settings/model/schema.ts";
import { parseProxyUrl } from "../settings/zero-touch/proxy-url.ts";
import { UsageError } from "./output.ts";

/** Options of one role; LAN's are called without a role also. */
const roleOptions = {
  nic: "nic",
  vlan: "vlan",
  mtu: "mtu",
  address: "ipv4Address",
  gateway: "ipv4Gateway",
  address6: "ipv6Address",
  gateway6: "ipv6Gateway",
  dns: "dnsServers",
  search: "searchDomains",
  routes: "routes",
} as const satisfies Record<string, keyof InterfaceForm>;
type RoleOption = keyof typeof roleOptions;
/** `--dhcp`, `--no-ipv4`, `--ipv6 off|automatic`. */
type Switch = "dhcp" | "no-ipv4";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

const networkOptions = {
  mode: text,
  hostname: text,
  ...roleOptionsOf(""),
  ...roleOptionsOf("lan-"),
  ...roleOptionsOf("wan-"),
  "swap-roles": flag,
};
const proxyOptions = {
  proxy: text,
  "proxy-user": text,
  "proxy-password": flag,
  "no-proxy-password": flag,
  "proxy-authentication": text,
  "proxy-bypass": text,
  "proxy-fallback": text,
};
const otherOptions = {
  "platform-url": text,
  ntp: text,
  "trust-file": text,
  "no-trust": flag,
  exclude: text,
  "time-zone": text,
  keyboard: text,
  "lock-after": text,
};

/** Every option that sets something, for node:util's parseArgs. */
export const settingsOptions = { ...networkOptions, ...proxyOptions, ...otherOptions };
export type SettingsOptions = {
  [Name in keyof typeof settingsOptions]?: (typeof settingsOptions)[Name]["type"] extends "boolean"
    ? boolean
    : string;
};

function roleOptionsOf<Prefix extends "" | "lan-" | "wan-">(prefix: Prefix) {
  const names = Object.keys(roleOptions).map((name) => [`${prefix}${name}`, text] as const);
  const switches = (["dhcp", "no-ipv4"] as const).map(
    (name) => [`${prefix}${name}`, flag] as const,
  );
  return Object.fromEntries([...names, [`${prefix}ipv6`, text], ...switches]) as Record<
    `${Prefix}${RoleOption | "ipv6"}`,
    typeof text
  > &
    Record<`${Prefix}${Switch}`, typeof flag>; // named by the two lists above
}

/**
 * The options' meaning on top of the present settings, by the very forms of the console: all that
 * is wrong comes at once, each with its field. `trustFile` gives the content of the file that
 * --trust-file names.
 */
export function applyOptions(
  settings: Settings,
  options: SettingsOptions,
  trustFile: string | null = null,
): Settings {
  const problems: FieldProblem[] = [];
  let result = settings;
  const put = (validation: Validation) => {
    if (validation.ok) result = validation.settings;
    else problems.push(...validation.problems);
  };
  // The proxy first: whether a DNS server is needed depends on it.
  if (has(options, proxyOptions)) put(withProxyForm(result, proxyForm(result, options)));
  if (has(options, networkOptions)) put(withNetworkForm(result, networkForm(result, options)));
  if (options["platform-url"] !== undefined)
    put(withPlatformForm(result, { url: options["platform-url"] }));
  if (options.ntp !== undefined)
    put(withTimeForm(result, { ...timeFormOf(result), timeServers: options.ntp }));
  if (options["no-trust"]) put(withTrustForm(result, { certificates: "" }));
  if (trustFile !== null)
    put(
      withTrustForm(result, { certificates: `${trustFormOf(result).certificates}\n${trustFile}` }),
    );
  const scan = scanFormOf(result);
  if (options.exclude !== undefined || options["time-zone"] !== undefined)
    put(
      withScanForm(result, {
        exclusions: options.exclude ?? scan.exclusions,
        timeZone: options["time-zone"] ?? scan.timeZone,
      }),
    );
  const own = consoleFormOf(result);
  if (options.keyboard !== undefined || options["lock-after"] !== undefined) {
    const after =
      options["lock-after"] === "never" ? "" : (options["lock-after"] ?? own.lockAfterMinutes);
    put(
      withConsoleForm(result, {
        ...own,
        keyboard: options.keyboard ?? own.keyboard,
        lockAfterMinutes: after,
      }),
    );
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

function has(options: SettingsOptions, group: object): boolean {
  return Object.keys(options).some((name) => Object.hasOwn(group, name));
}

function networkForm(settings: Settings, options: SettingsOptions) {
  const form = networkFormOf(settings);
  if (options["swap-roles"]) [form.lan.nic, form.wan.nic] = [form.wan.nic, form.lan.nic];
  if (options.mode !== undefined) form.mode = oneOf("--mode", options.mode, ["single", "split"]);
  if (options.hostname !== undefined) form.hostname = options.hostname;
  form.lan = roleForm(form.lan, options, "");
  form.lan = roleForm(form.lan, options, "lan-");
  form.wan = roleForm(form.wan, options, "wan-");
  const touchesWan = Object.keys(options).some((name) => name.startsWith("wan-"));
  if (touchesWan && form.mode === "single")
    throw new UsageError("WAN is there in split mode only: add --mode split");
  return networkFormOfTexts(networkTextsOf(form));
}

function roleForm(
  form: InterfaceForm,
  options: SettingsOptions,
  prefix: "" | "lan-" | "wan-",
): InterfaceForm {
  const changed: InterfaceForm = { ...form };
  const given = (name: RoleOption) => options[`${prefix}${name}`];
  const dhcp = options[`${prefix}dhcp`] ?? false;
  const off = options[`${prefix}no-ipv4`] ?? false;
  if (dhcp && (off || given("address") !== undefined || given("gateway") !== undefined))
    throw new UsageError(`--${prefix}dhcp and a static address exclude each other`);
  if (dhcp) changed.ipv4Method = "dhcp";
  else if (off) changed.ipv4Method = "off";
  else if (given("address") !== undefined || given("gateway") !== undefined)
    changed.ipv4Method = "static";
  const ipv6 = options[`${prefix}ipv6`];
  if (ipv6 !== undefined)
    changed.ipv6Method = oneOf(`--${prefix}ipv6`, ipv6, ["off", "automatic", "static"]);
  else if (given("address6") !== undefined || given("gateway6") !== undefined)
    changed.ipv6Method = "static";
  for (const name of optionNames) {
    const value = given(name);
    if (value === undefined) continue;
    const empty = (name === "vlan" || name === "mtu") && /^(?:none|automatic)$/i.test(value);
    changed[roleOptions[name]] = empty ? "" : value;
  }
  return changed;
}

const optionNames = Object.keys(roleOptions).filter((name): name is RoleOption =>
  Object.hasOwn(roleOptions, name),
);

function proxyForm(settings: Settings, options: SettingsOptions) {
  const form = proxyFormOf(settings);
  const { proxy } = options;
  if (proxy === "none" || proxy === "") return { ...form, kind: "none" as const };
  if (proxy !== undefined) {
    const parsed = parseProxyUrl(proxy);
    // What every user of this machine can see is no place for a password.
    if (parsed?.password)
      throw new UsageError(
        "a password is asked for by --proxy-password; it does not belong into the address",
      );
    Object.assign(
      form,
      parsed
        ? {
            kind: parsed.kind,
            host: parsed.host,
            port: parsed.port,
            url: parsed.url,
            tls: parsed.tls ? "yes" : "no",
          }
        : { kind: "http", host: proxy },
    );
    if (parsed?.user) form.user = parsed.user;
    // A proxy that nobody said anything more of is tried without a log-in.
    if (form.user === "" && settings.proxy.kind === "none") form.authentication = "none";
  }
  const user = options["proxy-user"];
  if (user !== undefined) form.user = user;
  const scheme = options["proxy-authentication"];
  if (scheme !== undefined)
    form.authentication = oneOf("--proxy-authentication", scheme, authentications);
  else if (form.user === "" && user !== undefined) form.authentication = "none";
  else if (form.user !== "" && form.authentication === "none") form.authentication = "automatic";
  if (options["proxy-bypass"] !== undefined) form.bypass = options["proxy-bypass"];
  if (options["proxy-fallback"] !== undefined)
    form.fallbackToDirect = oneOf("--proxy-fallback", options["proxy-fallback"], ["yes", "no"]);
  if (
    form.kind === "none" &&
    Object.keys(options).some((name) => name.startsWith("proxy-") && name !== "proxy-password")
  )
    throw new UsageError("there is no proxy yet: name it by --proxy");
  return form;
}

const authentications = [
  "automatic",
  "none",
  "basic",
  "digest",
  "ntlm",
  "negotiate",
] as const satisfies readonly Extract<ProxySettings, { kind: "http" }>["authentication"][];

function oneOf<Choice extends string>(
  option: string,
  value: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined)
    throw new UsageError(`${option} takes ${choices.join(", ")}, not '${value.slice(0, 40)}'`);
  return found;
}
