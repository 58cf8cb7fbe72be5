import { type Fact, fact } from "../../base/messages/facts.ts";
import { type Role, roles } from "../fields/placed-fields.ts";
import { type Texts, textsOf } from "../form.ts";
import type { FieldProblem } from "../model/problems.ts";
import { readProxyScheme } from "../model/proxy-schemes.ts";
import type { Settings } from "../model/schema.ts";
import { quoted } from "../values/field-value.ts";
import { type FieldName, type InterfaceName, zeroTouchFields } from "./fields.ts";
import { parseProxyUrl, proxyUrlTexts } from "./proxy-url.ts";
import { readSwitch } from "./yes-no.ts";

/** Values of one form, by our names. */
export type GivenTexts = ReadonlyMap<FieldName, string>;
/** The texts that the values put into the form, or the problem with one of them. */
export type FormTexts = { texts: Partial<Texts> } | { problem: FieldProblem };

/** Each value as the text of its own setting. */
export function plainTexts(_present: Settings, given: GivenTexts): { texts: Partial<Texts> } {
  const texts: Partial<Texts> = {};
  for (const [name, value] of given) {
    const { setting, text } = zeroTouchFields[name];
    if (setting) texts[setting.path] = text(value);
  }
  return { texts };
}

export function networkTexts(present: Settings, given: GivenTexts): FormTexts {
  const { texts } = plainTexts(present, given);
  const wanted = given.get("wan_enabled");
  if (wanted !== undefined) {
    const split = readSwitch(wanted);
    if (split === null) return { problem: notOneOf("network.mode", wanted, fact("is-no-switch")) };
    texts["network.mode"] = split ? "split" : "single";
  }
  for (const role of roles) {
    // The source has one value for method, address and prefix; the form has a text for each.
    delete texts[`network.${role}.ipv4.address`];
    delete texts[`network.${role}.ipv6.address`];
    Object.assign(texts, addressTexts(role, given));
  }
  return { texts };
}

function addressTexts(role: Role, given: GivenTexts): Partial<Texts> {
  const value = (name: InterfaceName) => given.get(`${role}_${name}`)?.trim();
  const texts: Partial<Texts> = {};
  const [address, netmask, ipv6] = [value("address"), value("netmask"), value("ipv6")];
  if (address !== undefined) {
    const method = /^(?:dhcp|off)$/i.test(address) ? address.toLowerCase() : "static";
    const isWhole = /[\s/]/.test(address) || netmask === undefined;
    const masked = isWhole ? address : `${address} ${netmask.replace(/^\//, "")}`;
    texts[`network.${role}.ipv4.method`] = method;
    texts[`network.${role}.ipv4.address`] = method === "static" ? masked : "";
  }
  if (ipv6 !== undefined) {
    const method = /^(?:off|automatic)$/i.test(ipv6) ? ipv6.toLowerCase() : "static";
    texts[`network.${role}.ipv6.method`] = method;
    texts[`network.${role}.ipv6.address`] = method === "static" ? ipv6 : "";
  }
  return texts;
}

export function proxyTexts(present: Settings, given: GivenTexts): FormTexts {
  const { texts } = plainTexts(present, given);
  const form = textsOf(present, "proxy");
  delete texts["proxy.kind"];
  const url = given.get("proxy_url");
  const isNone = url !== undefined && /^none$/i.test(url.trim());
  const parsed = url === undefined || isNone ? null : parseProxyUrl(url);
  if (isNone) texts["proxy.kind"] = "none";
  // The address itself is not repeated: it may hold a password.
  else if (url !== undefined && parsed === null)
    return { problem: notOneOf("proxy.host", "This", fact("is-no-proxy")) };
  if (parsed) Object.assign(texts, proxyUrlTexts(parsed));
  const user = given.get("proxy_user") ?? parsed?.user ?? form["proxy.user"];
  texts["proxy.user"] = user;
  const scheme = given.get("proxy_authentication");
  if (scheme === undefined) {
    if (user === "" && parsed) texts["proxy.authentication"] = "none";
    else if (form["proxy.authentication"] === "none") texts["proxy.authentication"] = "automatic";
    return { texts };
  }
  const known = readProxyScheme(scheme);
  if (known === null)
    return { problem: notOneOf("proxy.authentication", scheme, fact("is-no-scheme")) };
  texts["proxy.authentication"] = known;
  return { texts };
}

function notOneOf(field: string, value: string, reason: Fact): FieldProblem {
  return { field, code: "not-valid", values: { value: quoted(value) }, reason };
}
