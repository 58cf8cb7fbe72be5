import { parsePort, problemAt } from "./fields.ts";
import type { FieldProblem } from "./problems.ts";
import { defaultHttpProxy, type Ipv4, type ProxySettings, type Settings } from "./schema.ts";
import { type Validation, type ValidationContext, validateSettings } from "./validate.ts";

/**
 * The forms that console and command line share: texts as people type them, to settings and back. Problems carry the path in
 * the settings (`network.lan.ipv4.gateway`); `formFieldOf` says which field of a form shows them.
 */
export interface NetworkForm {
  /** MAC address, or "" for the first interface. */
  nic: string;
  method: "dhcp" | "static";
  /** With prefix or dotted mask. */
  address: string;
  gateway: string;
  /** Separated by spaces or commas. */
  dnsServers: string;
  searchDomains: string;
  hostname: string;
}

export interface ProxyForm {
  kind: "none" | "http";
  host: string;
  port: string;
  authentication: "none" | "basic";
  user: string;
}

export interface PlatformForm {
  url: string;
}

const formFields = {
  "network.lan.macAddress": "nic",
  "network.lan.ipv4.method": "method",
  "network.lan.ipv4.address": "address",
  "network.lan.ipv4.gateway": "gateway",
  "network.lan.dns.servers": "dnsServers",
  "network.lan.dns.search": "searchDomains",
  hostname: "hostname",
  "proxy.kind": "kind",
  "proxy.host": "host",
  "proxy.port": "port",
  "proxy.authentication": "authentication",
  "proxy.user": "user",
  "platform.url": "url",
} as const;

export type FormField = keyof NetworkForm | keyof ProxyForm | keyof PlatformForm;

/** The form's field that a problem belongs to, or null when it belongs to the whole. */
export function formFieldOf(problem: FieldProblem): FormField | null {
  const found = Object.entries(formFields).find(([path]) => problem.field === path || problem.field.startsWith(`${path}.`));
  return found ? found[1] : null;
}

export function networkFormOf(settings: Settings): NetworkForm {
  const { macAddress, ipv4, dns } = settings.network.lan;
  return {
    nic: macAddress ?? "",
    method: ipv4.method === "static" ? "static" : "dhcp",
    address: ipv4.method === "static" ? ipv4.address : "",
    gateway: ipv4.method === "static" ? (ipv4.gateway ?? "") : "",
    dnsServers: dns.servers.join(" "),
    searchDomains: dns.search.join(" "),
    hostname: settings.hostname,
  };
}

export function withNetworkForm(settings: Settings, form: NetworkForm, context: ValidationContext = {}): Validation {
  const ipv4: Ipv4 = form.method === "static" ? { method: "static", address: form.address, gateway: form.gateway } : { method: "dhcp" };
  const dns = { servers: splitList(form.dnsServers), search: splitList(form.searchDomains) };
  const tooMany = (["servers", "search"] as const).filter((name) => dns[name].length > listLimit);
  if (tooMany.length > 0)
    return {
      ok: false,
      problems: tooMany.map((name) => ({
        field: `network.lan.dns.${name}`,
        code: "too-many",
        values: { limit: String(listLimit) },
      })),
    };
  const lan = { ...settings.network.lan, macAddress: form.nic.trim() === "" ? null : form.nic, ipv4, dns };
  return validateSettings({ ...settings, hostname: form.hostname, network: { ...settings.network, lan } }, context);
}

export function proxyFormOf(settings: Settings): ProxyForm {
  const { proxy } = settings;
  if (proxy.kind !== "http") return { kind: "none", host: "", port: "3128", authentication: "none", user: "" };
  const authentication = proxy.authentication === "none" ? "none" : "basic";
  return { kind: "http", host: proxy.host, port: String(proxy.port), authentication, user: proxy.user };
}

export function withProxyForm(settings: Settings, form: ProxyForm): Validation {
  if (form.kind === "none") return validateSettings({ ...settings, proxy: { kind: "none" } });
  const port = parsePort(form.port);
  const proxy: ProxySettings = {
    ...defaultHttpProxy,
    host: form.host,
    port: port.ok ? port.value : 3128,
    authentication: form.authentication,
    user: form.user,
  };
  const validation = validateSettings({ ...settings, proxy });
  if (port.ok) return validation;
  return { ok: false, problems: [...(validation.ok ? [] : validation.problems), problemAt("proxy.port", port)] };
}

export function platformFormOf(settings: Settings): PlatformForm {
  return { url: settings.platform.url ?? "" };
}

export function withPlatformForm(settings: Settings, form: PlatformForm): Validation {
  return validateSettings({ ...settings, platform: { url: form.url } });
}

const listLimit = 6;

function splitList(text: string): string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== "");
}
