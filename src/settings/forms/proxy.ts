import { parsePort } from "../checks/names.ts";
import type { Validation } from "../checks/validate.ts";
import { problemAt } from "../checks/values.ts";
import type { FieldProblem } from "../model/problems.ts";
import type { ProxyAuthentication, ProxySettings, Settings } from "../model/schema.ts";
import { defaultHttpProxy } from "../model/schema.ts";
import { finishForm, splitList, type YesNo, yesNo } from "./shared.ts";

/**
 * Every kind of proxy in one form; a kind uses the fields that it has. The password is no part of
 * the settings.
 */
export interface ProxyForm {
  kind: ProxySettings["kind"];
  host: string;
  port: string;
  /** Of the configuration file. */
  url: string;
  /** Whether the proxy itself is spoken to over TLS. */
  tls: YesNo;
  authentication: ProxyAuthentication;
  user: string;
  /**
   * Hosts, `.domains`, addresses and networks that are called directly, separated by spaces or
   * commas.
   */
  bypass: string;
  fallbackToDirect: YesNo;
}

export const proxyFields = {
  "proxy.kind": "kind",
  "proxy.host": "host",
  "proxy.port": "port",
  "proxy.url": "url",
  "proxy.tls": "tls",
  "proxy.authentication": "authentication",
  "proxy.user": "user",
  "proxy.bypass": "bypass",
  "proxy.fallbackToDirect": "fallbackToDirect",
} as const satisfies Record<string, keyof ProxyForm>;

const emptyForm: ProxyForm = {
  kind: "none",
  host: "",
  port: String(defaultHttpProxy.port),
  url: "",
  tls: "no",
  authentication: defaultHttpProxy.authentication,
  user: "",
  bypass: "",
  fallbackToDirect: "no",
};

export function proxyFormOf({ proxy }: Settings): ProxyForm {
  if (proxy.kind === "none") return { ...emptyForm };
  const common = {
    user: proxy.user,
    bypass: proxy.bypass.join(" "),
    fallbackToDirect: yesNo(proxy.fallbackToDirect),
  };
  if (proxy.kind === "pac")
    return {
      ...emptyForm,
      ...common,
      kind: "pac",
      url: proxy.url,
      authentication: proxy.authentication,
    };
  const place = { host: proxy.host, port: String(proxy.port) };
  if (proxy.kind === "socks5")
    return {
      ...emptyForm,
      ...common,
      ...place,
      kind: "socks5",
      authentication: proxy.user === "" ? "none" : "basic",
    };
  return {
    ...common,
    ...place,
    kind: "http",
    url: "",
    tls: yesNo(proxy.tls),
    authentication: proxy.authentication,
  };
}

export function withProxyForm(settings: Settings, form: ProxyForm): Validation {
  const problems: FieldProblem[] = [];
  const proxy = readProxy(form, problems);
  return finishForm({ ...settings, proxy }, problems);
}

function readProxy(form: ProxyForm, problems: FieldProblem[]): ProxySettings {
  const { kind, host, url, authentication, user } = form;
  const common = {
    bypass: splitList(form.bypass),
    fallbackToDirect: form.fallbackToDirect === "yes",
  };
  if (kind === "none") return { kind };
  if (kind === "pac") return { kind, url, authentication, user, ...common };
  const parsed = parsePort(form.port);
  if (!parsed.ok) problems.push(problemAt("proxy.port", parsed));
  const port = parsed.ok ? parsed.value : defaultHttpProxy.port;
  // RFC 1928 knows one way to log in: with a user name or not at all.
  if (kind === "socks5")
    return { kind, host, port, user: authentication === "none" ? "" : user, ...common };
  return { kind, host, port, tls: form.tls === "yes", authentication, user, ...common };
}
