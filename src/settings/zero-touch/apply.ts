import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Validation } from "../checks/validate.ts";
import { quoted } from "../checks/values.ts";
import {
  consoleFormOf,
  type InterfaceForm,
  networkFormOf,
  proxyFormOf,
  scanFormOf,
  withConsoleForm,
  withNetworkForm,
  withPlatformForm,
  withProxyForm,
  withScanForm,
  withTimeForm,
  withTrustForm,
} from "../form.ts";
import type { FieldProblem } from "../model/problems.ts";
import type { Settings } from "../model/schema.ts";
import { type FieldName, zeroTouchFields } from "./fields.ts";
import type { GivenValue } from "./named-values.ts";
import { parseProxyUrl } from "./proxy-url.ts";
import { unusedValues } from "./values-without-effect.ts";
import { readSwitch } from "./yes-no.ts";

export interface SourcedValue extends GivenValue {
  field: FieldName;
  source: string;
  place: string;
}

export interface ValueProblem {
  value: SourcedValue;
  problem: FieldProblem;
}

export interface Applied {
  settings: Settings;
  /** The one in the proxy's address, if there is one. */
  proxyPassword: string | undefined;
  problems: ValueProblem[];
  notes: Fact[];
}

type Texts = ReadonlyMap<FieldName, string>;

interface Stage {
  fields: readonly FieldName[];
  build(settings: Settings, texts: Texts): Validation;
}

const roleFields = [
  "address",
  "netmask",
  "gateway",
  "dns",
  "search",
  "vlan",
  "mtu",
  "routes",
  "ipv6",
  "ipv6_gateway",
  "mac",
] as const;
const fieldsOf = (role: "lan" | "wan") => roleFields.map((name) => `${role}_${name}` as const);

/**
 * One after the other, each on valid settings: a value that is wrong takes along no more than its
 * own stage.
 */
const stages: readonly Stage[] = [
  {
    fields: ["proxy_url", "proxy_user", "proxy_authentication", "proxy_bypass"],
    build: buildProxy,
  },
  {
    fields: ["hostname", ...fieldsOf("lan"), "wan_enabled", ...fieldsOf("wan")],
    build: buildNetwork,
  },
  {
    fields: ["platform_url"],
    build: (settings, texts) =>
      withPlatformForm(settings, { url: texts.get("platform_url") ?? "" }),
  },
  {
    fields: ["ntp_servers"],
    build: (settings, texts) =>
      withTimeForm(settings, { timeServers: texts.get("ntp_servers") ?? "" }),
  },
  {
    fields: ["trusted_certificates"],
    build: (settings, texts) =>
      withTrustForm(settings, { certificates: unpackPem(texts.get("trusted_certificates") ?? "") }),
  },
  {
    fields: ["scan_exclusions", "scan_time_zone"],
    build: (settings, texts) => {
      const form = scanFormOf(settings);
      return withScanForm(settings, {
        exclusions: texts.get("scan_exclusions") ?? form.exclusions,
        timeZone: texts.get("scan_time_zone") ?? form.timeZone,
      });
    },
  },
  {
    fields: ["keyboard"],
    build: (settings, texts) =>
      withConsoleForm(settings, {
        ...consoleFormOf(settings),
        keyboard: texts.get("keyboard") ?? "",
      }),
  },
];

/**
 * The values on top of the settings. One that cannot be used is left out and named; what comes out
 * is valid.
 */
export function applyValues(present: Settings, values: readonly SourcedValue[]): Applied {
  const problems: ValueProblem[] = [];
  const used = new Map<FieldName, SourcedValue>();
  let settings = present;
  for (const stage of stages) {
    const mine = new Map(
      values
        .filter(({ field }) => stage.fields.includes(field))
        .map((value) => [value.field, value]),
    );
    settings = applyStage(stage, settings, mine, problems);
    for (const [field, value] of mine) used.set(field, value);
  }
  const proxyUrl = values.find(({ field }) => field === "proxy_url");
  const proxyPassword =
    proxyUrl && settings.proxy.kind !== "none"
      ? (parseProxyUrl(proxyUrl.value)?.password ?? undefined)
      : undefined;
  return { settings, proxyPassword, problems, notes: unusedValues(settings, used) };
}

function applyStage(
  stage: Stage,
  present: Settings,
  values: Map<FieldName, SourcedValue>,
  problems: ValueProblem[],
): Settings {
  while (values.size > 0) {
    const built = stage.build(
      present,
      new Map([...values].map(([field, { value }]) => [field, value])),
    );
    if (built.ok) return built.settings;
    // Only those that the problems name are left out; with none of them to blame, all are, for the
    // settings must be valid.
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

/** The value that a problem is about; of a group that lacks something, the value that needs it. */
function culprit(
  { field }: FieldProblem,
  values: ReadonlyMap<FieldName, SourcedValue>,
): SourcedValue | null {
  const reach = (value: SourcedValue) =>
    Math.max(
      0,
      ...zeroTouchFields[value.field].paths
        .filter((path) => field === path || field.startsWith(`${path}.`))
        .map((path) => path.length),
    );
  const named = [...values.values()].sort((a, b) => reach(b) - reach(a))[0];
  if (named && reach(named) > 0) return named;
  for (const role of ["lan", "wan"] as const) {
    if (!field.startsWith(`network.${role}`)) continue;
    const order = field.includes("ipv6") ? ["ipv6"] : (["address", "ipv6"] as const);
    for (const name of order) {
      const value = values.get(`${role}_${name === "ipv6" ? "ipv6" : "address"}`);
      if (value) return value;
    }
    const first = fieldsOf(role)
      .map((name) => values.get(name))
      .find((value) => value !== undefined);
    if (first) return first;
  }
  return values.get("wan_enabled") ?? null;
}

function buildNetwork(settings: Settings, texts: Texts): Validation {
  const form = networkFormOf(settings);
  const wanted = texts.get("wan_enabled");
  const split = wanted === undefined ? form.mode === "split" : readSwitch(wanted);
  if (split === null)
    return { ok: false, problems: [notOneOf("network.mode", wanted ?? "", fact("is-no-switch"))] };
  return withNetworkForm(settings, {
    mode: split ? "split" : "single",
    hostname: texts.get("hostname") ?? form.hostname,
    lan: interfaceForm("lan", form.lan, texts),
    wan: interfaceForm("wan", form.wan, texts),
  });
}

function interfaceForm(role: "lan" | "wan", form: InterfaceForm, texts: Texts): InterfaceForm {
  const of = (name: (typeof roleFields)[number]) => texts.get(`${role}_${name}`)?.trim();
  const address = of("address");
  const ipv6 = of("ipv6");
  return {
    ...form,
    ...(address === undefined ? {} : ipv4Form(address, of("netmask"))),
    ...(of("gateway") === undefined ? {} : { ipv4Gateway: of("gateway") ?? "" }),
    ...(ipv6 === undefined ? {} : ipv6Form(ipv6)),
    ...(of("ipv6_gateway") === undefined ? {} : { ipv6Gateway: of("ipv6_gateway") ?? "" }),
    nic: of("mac") ?? form.nic,
    // Qualys' 0 is no tag.
    vlan: of("vlan") === undefined ? form.vlan : of("vlan") === "0" ? "" : (of("vlan") ?? ""),
    mtu: of("mtu") ?? form.mtu,
    dnsServers: of("dns") ?? form.dnsServers,
    searchDomains: of("search") ?? form.searchDomains,
    routes: of("routes") ?? form.routes,
  };
}

function ipv4Form(
  address: string,
  netmask: string | undefined,
): Pick<InterfaceForm, "ipv4Method" | "ipv4Address"> {
  if (/^dhcp$/i.test(address)) return { ipv4Method: "dhcp", ipv4Address: "" };
  if (/^off$/i.test(address)) return { ipv4Method: "off", ipv4Address: "" };
  const masked =
    /[\s/]/.test(address) || netmask === undefined
      ? address
      : `${address} ${netmask.replace(/^\//, "")}`;
  return { ipv4Method: "static", ipv4Address: masked };
}

function ipv6Form(text: string): Pick<InterfaceForm, "ipv6Method" | "ipv6Address"> {
  if (/^(?:off|automatic)$/i.test(text))
    return { ipv6Method: /^off$/i.test(text) ? "off" : "automatic", ipv6Address: "" };
  return { ipv6Method: "static", ipv6Address: text };
}

const authentications: Readonly<
  Record<string, "automatic" | "none" | "basic" | "digest" | "ntlm" | "negotiate">
> = {
  auto: "automatic",
  automatic: "automatic",
  none: "none",
  basic: "basic",
  digest: "digest",
  ntlm: "ntlm",
  negotiate: "negotiate",
  kerberos: "negotiate",
};

function buildProxy(settings: Settings, texts: Texts): Validation {
  const form = proxyFormOf(settings);
  const address = texts.get("proxy_url");
  const parsed =
    address === undefined || /^none$/i.test(address.trim()) ? null : parseProxyUrl(address);
  if (address !== undefined && parsed === null) {
    // The address itself is not repeated: it may hold a password.
    if (!/^none$/i.test(address.trim()))
      return { ok: false, problems: [notOneOf("proxy.host", "This", fact("is-no-proxy"))] };
    form.kind = "none";
  }
  if (parsed)
    Object.assign(form, {
      kind: parsed.kind,
      host: parsed.host,
      port: parsed.port,
      url: parsed.url,
      tls: parsed.tls ? "yes" : "no",
    });
  const scheme = texts.get("proxy_authentication");
  const authentication =
    scheme === undefined ? undefined : authentications[scheme.trim().toLowerCase()];
  if (scheme !== undefined && authentication === undefined)
    return {
      ok: false,
      problems: [notOneOf("proxy.authentication", scheme, fact("is-no-scheme"))],
    };
  const user = texts.get("proxy_user") ?? parsed?.user ?? form.user;
  form.authentication =
    authentication ??
    (user === "" && parsed
      ? "none"
      : form.authentication === "none"
        ? "automatic"
        : form.authentication);
  form.user = user;
  form.bypass = texts.get("proxy_bypass") ?? form.bypass;
  return withProxyForm(settings, form);
}

function notOneOf(field: string, value: string, reason: Fact): FieldProblem {
  return { field, code: "not-valid", values: { value: quoted(value) }, reason };
}

/** PEM in one line: as base64 of the whole, or with \n written out. */
function unpackPem(text: string): string {
  if (text.includes("-----BEGIN")) return text.replaceAll("\\n", "\n");
  const packed = text.replace(/\s+/g, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(packed)
    ? Buffer.from(packed, "base64").toString("utf8")
    : text;
}
