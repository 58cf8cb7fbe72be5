import {
  type AddressWithPrefix,
  type FieldValue,
  parseAddress,
  parseAddressWithMask,
  parseDomain,
  parseHost,
  parseHostname,
  parseMacAddress,
  parsePlatformUrl,
  parsePort,
  problemAt,
} from "./fields.ts";
import { broadcastOf, exampleHost, formatIpv4, networkOf, parseIpv4, unusableBecause } from "./ipv4.ts";
import type { FieldProblem } from "./problems.ts";
import type { InterfaceSettings, Ipv4, Network, ProxySettings, Settings } from "./schema.ts";

/** What is known of the machine that the settings are for. */
export interface ValidationContext {
  /** MAC addresses of the interfaces that are there; when absent, no interface is called missing. */
  macAddresses?: readonly string[];
}

export type Validation = { ok: true; settings: Settings } | { ok: false; problems: FieldProblem[] };

/**
 * Everything that can be wrong with settings of the right shape. netplan swallows nearly all of it (an off-link gateway, a
 * multicast address, a DNS server 0.0.0.0), so the checks are here. The settings that come back are canonical: the same
 * meaning is always the same text.
 */
export function validateSettings(settings: Settings, context: ValidationContext = {}): Validation {
  const problems: FieldProblem[] = [];
  const collect = collector(problems);
  const hostname = collect("hostname", parseHostname(settings.hostname), settings.hostname);
  const proxy = validateProxy(settings.proxy, collect, problems);
  // A proxy that is named by its address resolves the platform's name itself.
  const needsDns = !(proxy.kind === "http" && parseIpv4(proxy.host).ok);
  const network = validateNetwork(settings.network, needsDns, context, collect, problems);
  const { url } = settings.platform;
  const platform = { url: url === null ? null : collect("platform.url", parsePlatformUrl(url), url) };
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, settings: { ...settings, hostname, network, proxy, platform } };
}

function validateNetwork(network: Network, needsDns: boolean, context: ValidationContext, collect: Collect, problems: FieldProblem[]): Network {
  const check = (role: "lan" | "wan", settings: InterfaceSettings) => validateInterface(`network.${role}`, settings, needsDns, context, collect, problems);
  if (network.mode === "single") return { mode: "single", lan: check("lan", network.lan) };
  return { mode: "split", lan: check("lan", network.lan), wan: check("wan", network.wan) };
}

type Collect = <T>(field: string, parsed: FieldValue<T>, otherwise: T) => T;

function collector(problems: FieldProblem[]): Collect {
  return (field, parsed, otherwise) => {
    if (parsed.ok) return parsed.value;
    problems.push(problemAt(field, parsed));
    return otherwise;
  };
}

function validateInterface(
  path: string,
  settings: InterfaceSettings,
  needsDns: boolean,
  context: ValidationContext,
  collect: Collect,
  problems: FieldProblem[],
): InterfaceSettings {
  const macAddress = settings.macAddress === null ? null : collect(`${path}.macAddress`, parseMacAddress(settings.macAddress), settings.macAddress);
  const missing = macAddress !== null && context.macAddresses !== undefined && !context.macAddresses.includes(macAddress);
  if (missing) problems.push({ field: `${path}.macAddress`, code: "interface-missing", values: { value: macAddress } });
  const ipv4 = settings.ipv4.method === "static" ? validateStatic(`${path}.ipv4`, settings.ipv4, problems) : settings.ipv4;
  const servers = settings.dns.servers.map((server, index) => collect(`${path}.dns.servers.${index}`, parseDnsServer(server, ownAddress(ipv4)), server));
  if (ipv4.method === "static" && servers.length === 0 && needsDns) problems.push({ field: `${path}.dns.servers`, code: "dns-required" });
  const search = settings.dns.search.map((domain, index) => collect(`${path}.dns.search.${index}`, parseDomain(domain), domain));
  findDuplicates(`${path}.dns.servers`, servers, problems);
  findDuplicates(`${path}.dns.search`, search, problems);
  return { ...settings, macAddress, ipv4, dns: { servers, search } };
}

function validateStatic(path: string, settings: Extract<Ipv4, { method: "static" }>, problems: FieldProblem[]): Ipv4 {
  const address = parseAddressWithMask(settings.address);
  if (!address.ok) problems.push(problemAt(`${path}.address`, address));
  const gateway = parseAddress(settings.gateway ?? "");
  if (!gateway.ok) problems.push(problemAt(`${path}.gateway`, gateway));
  if (!address.ok || !gateway.ok) return settings;
  const fault = gatewayFault(gateway.value, address.value);
  if (fault) problems.push({ field: `${path}.gateway`, ...fault });
  return { method: "static", address: address.value.text, gateway: gateway.value };
}

function gatewayFault(text: string, { address, prefix }: AddressWithPrefix): Omit<FieldProblem, "field"> | null {
  const parsed = parseIpv4(text);
  if (!parsed.ok) return { code: parsed.code, values: { value: text } };
  const gateway = parsed.value;
  const suggestion = exampleHost(address, prefix, address);
  if (gateway === address) return { code: "gateway-is-self", values: { suggestion } };
  const reason = unusableBecause(gateway);
  if (reason !== null) return { code: "not-valid", values: { value: text, reason } };
  // A /32 has no neighbours: its gateway is reached as `on-link`, wherever it is.
  if (prefix === 32) return null;
  const network = networkOf(address, prefix);
  if (networkOf(gateway, prefix) !== network)
    return { code: "gateway-outside", values: { value: text, network: `${formatIpv4(network)}/${prefix}`, suggestion } };
  const reserved = prefix < 31 && (gateway === network || gateway === broadcastOf(address, prefix));
  return reserved ? { code: "gateway-is-network", values: { value: text, suggestion } } : null;
}

function ownAddress(ipv4: Ipv4): number | null {
  if (ipv4.method !== "static") return null;
  const parsed = parseAddressWithMask(ipv4.address);
  return parsed.ok ? parsed.value.address : null;
}

function parseDnsServer(text: string, own: number | null): FieldValue<string> {
  const address = parseAddress(text);
  if (!address.ok) return address;
  const parsed = parseIpv4(address.value);
  const value = parsed.ok ? parsed.value : 0;
  const reason = value === own ? "it is this appliance's own address" : unusableBecause(value);
  return reason === null ? address : { ok: false, code: "dns-not-usable", values: { value: address.value, reason } };
}

function findDuplicates(path: string, values: readonly string[], problems: FieldProblem[]): void {
  for (const [index, value] of values.entries())
    if (values.indexOf(value) < index) problems.push({ field: `${path}.${index}`, code: "duplicate", values: { value } });
}

function validateProxy(settings: ProxySettings, collect: Collect, problems: FieldProblem[]): ProxySettings {
  if (settings.kind !== "http") return settings;
  const host = collect("proxy.host", parseHost(settings.host, "proxy-host-malformed"), settings.host);
  const port = collect("proxy.port", parsePort(String(settings.port)), settings.port);
  if (settings.authentication === "none") return { ...settings, host, port, user: "" };
  const { user } = settings;
  if (user === "" && settings.authentication === "automatic") return { ...settings, host, port };
  if (user === "") problems.push({ field: "proxy.user", code: "proxy-user-required" });
  else if (settings.authentication === "basic" && user.includes(":")) problems.push({ field: "proxy.user", code: "proxy-user-colon" });
  else if (/[\u0000-\u001f\u007f]/.test(user))
    problems.push({ field: "proxy.user", code: "not-valid", values: { value: "This", reason: "it has a control character" } });
  return { ...settings, host, port, user };
}
