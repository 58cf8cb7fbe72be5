import type { Validation, ValidationContext } from "../checks/validate.ts";
import { quoted } from "../checks/values.ts";
import type { FieldProblem } from "../model/problems.ts";
import {
  defaultInterface,
  type InterfaceSettings,
  type Ipv4,
  type Ipv6,
  type Settings,
  type StaticRoute,
} from "../model/schema.ts";
import { finishForm, numberText, readNumber, splitList } from "./shared.ts";

/** One role's interface, as people type it. */
export interface InterfaceForm {
  /** MAC address, or "" for the first interface that is free. */
  nic: string;
  /** 1 to 4094, or "" for none. */
  vlan: string;
  /** "" for what DHCP announces, else the link's own. */
  mtu: string;
  ipv4Method: Ipv4["method"];
  /** With prefix or dotted mask. */
  ipv4Address: string;
  ipv4Gateway: string;
  ipv6Method: Ipv6["method"];
  ipv6Address: string;
  ipv6Gateway: string;
  /** Of both families, separated by spaces or commas. */
  dnsServers: string;
  searchDomains: string;
  /** Lines as `10.0.0.0/8 via 192.0.2.1`, with `metric 50` behind if wanted. */
  routes: string;
}

export interface NetworkForm {
  mode: "single" | "split";
  hostname: string;
  lan: InterfaceForm;
  /** Used in split mode only. */
  wan: InterfaceForm;
}

/** A form field by itself; a role's fields have the role in front, as `lan.ipv4Address`. */
export type NetworkField = "mode" | "hostname" | `${"lan" | "wan"}.${keyof InterfaceForm}`;
/** The whole form as texts by field, as screens and options have it. */
export type NetworkTexts = Record<NetworkField, string>;

export const interfaceFields = {
  macAddress: "nic",
  vlan: "vlan",
  mtu: "mtu",
  "ipv4.method": "ipv4Method",
  "ipv4.address": "ipv4Address",
  "ipv4.gateway": "ipv4Gateway",
  ipv4: "ipv4Method",
  "ipv6.method": "ipv6Method",
  "ipv6.address": "ipv6Address",
  "ipv6.gateway": "ipv6Gateway",
  ipv6: "ipv6Method",
  "dns.servers": "dnsServers",
  "dns.search": "searchDomains",
  routes: "routes",
} as const satisfies Record<string, keyof InterfaceForm>;

export function interfaceFormOf({
  macAddress,
  vlan,
  mtu,
  ipv4,
  ipv6,
  dns,
  routes,
}: InterfaceSettings): InterfaceForm {
  return {
    nic: macAddress ?? "",
    vlan: numberText(vlan),
    mtu: numberText(mtu),
    ipv4Method: ipv4.method,
    ipv4Address: ipv4.method === "static" ? ipv4.address : "",
    ipv4Gateway: ipv4.method === "static" ? (ipv4.gateway ?? "") : "",
    ipv6Method: ipv6.method,
    ipv6Address: ipv6.method === "static" ? ipv6.address : "",
    ipv6Gateway: ipv6.method === "static" ? (ipv6.gateway ?? "") : "",
    dnsServers: dns.servers.join(" "),
    searchDomains: dns.search.join(" "),
    routes: routes.map(routeText).join("\n"),
  };
}

export function networkFormOf({ hostname, network }: Settings): NetworkForm {
  const wan = network.mode === "split" ? network.wan : defaultInterface;
  return {
    mode: network.mode,
    hostname,
    lan: interfaceFormOf(network.lan),
    wan: interfaceFormOf(wan),
  };
}

export function networkTextsOf({ mode, hostname, lan, wan }: NetworkForm): NetworkTexts {
  return { mode, hostname, ...withRole("lan", lan), ...withRole("wan", wan) };
}

/** A method that no interface has counts as the usual one. */
export function networkFormOfTexts(texts: NetworkTexts): NetworkForm {
  return {
    mode: texts.mode === "split" ? "split" : "single",
    hostname: texts.hostname,
    lan: interfaceOfTexts("lan", texts),
    wan: interfaceOfTexts("wan", texts),
  };
}

function withRole<Role extends "lan" | "wan">(
  role: Role,
  form: InterfaceForm,
): Record<`${Role}.${keyof InterfaceForm}`, string> {
  return Object.fromEntries(
    Object.entries(form).map(([field, text]) => [`${role}.${field}`, text]),
  ) as Record<`${Role}.${keyof InterfaceForm}`, string>; // every field of the form was named
}

function interfaceOfTexts(role: "lan" | "wan", texts: NetworkTexts): InterfaceForm {
  const of = <Field extends keyof InterfaceForm>(field: Field) => texts[`${role}.${field}`];
  const [ipv4Method, ipv6Method] = [of("ipv4Method"), of("ipv6Method")];
  return {
    nic: of("nic"),
    vlan: of("vlan"),
    mtu: of("mtu"),
    ipv4Method: ipv4Method === "static" || ipv4Method === "off" ? ipv4Method : "dhcp",
    ipv4Address: of("ipv4Address"),
    ipv4Gateway: of("ipv4Gateway"),
    ipv6Method: ipv6Method === "static" || ipv6Method === "automatic" ? ipv6Method : "off",
    ipv6Address: of("ipv6Address"),
    ipv6Gateway: of("ipv6Gateway"),
    dnsServers: of("dnsServers"),
    searchDomains: of("searchDomains"),
    routes: of("routes"),
  };
}

export function withNetworkForm(
  settings: Settings,
  form: NetworkForm,
  context: ValidationContext = {},
): Validation {
  const problems: FieldProblem[] = [];
  const lan = readInterface("network.lan", form.lan, problems);
  const network =
    form.mode === "single"
      ? { mode: form.mode, lan }
      : { mode: form.mode, lan, wan: readInterface("network.wan", form.wan, problems) };
  return finishForm({ ...settings, hostname: form.hostname, network }, problems, context);
}

function readInterface(
  path: string,
  form: InterfaceForm,
  problems: FieldProblem[],
): InterfaceSettings {
  const gateway = (text: string) => (text.trim() === "" ? null : text);
  const ipv4: Ipv4 =
    form.ipv4Method === "static"
      ? { method: "static", address: form.ipv4Address, gateway: gateway(form.ipv4Gateway) }
      : { method: form.ipv4Method };
  const ipv6: Ipv6 =
    form.ipv6Method === "static"
      ? { method: "static", address: form.ipv6Address, gateway: gateway(form.ipv6Gateway) }
      : { method: form.ipv6Method };
  return {
    macAddress: form.nic.trim() === "" ? null : form.nic,
    vlan: readNumber(form.vlan, problems, `${path}.vlan`, "vlan-malformed"),
    mtu: readNumber(form.mtu, problems, `${path}.mtu`, "mtu-malformed", {
      least: "576",
      most: "9216",
    }),
    ipv4,
    ipv6,
    dns: { servers: splitList(form.dnsServers), search: splitList(form.searchDomains) },
    routes: readRoutes(`${path}.routes`, form.routes, problems),
  };
}

export function routeText({ to, via, metric }: StaticRoute): string {
  return `${to} via ${via}${metric === null ? "" : ` metric ${metric}`}`;
}

/** Lines, or parts separated by commas or semicolons where a field has one line only. */
function readRoutes(path: string, text: string, problems: FieldProblem[]): StaticRoute[] {
  const lines = text.split(/[\n,;]/).flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  return lines.flatMap((line, index) => {
    const [, to, via, metric] =
      /^(\S.*?)\s+via\s+(\S+)(?:\s+metric\s+(\d{1,10}))?$/i.exec(line) ?? [];
    if (to === undefined || via === undefined) {
      problems.push({
        field: `${path}.${index}`,
        code: "route-malformed",
        values: { value: quoted(line) },
      });
      return [];
    }
    return [{ to, via, metric: metric === undefined ? null : Number(metric) }];
  });
}
