import { proxySchemes } from "../model/proxy-schemes.ts";
import type { ProxyAuthentication, ProxySettings } from "../model/schema.ts";
import { type FieldValue, type Findings, right, wrong } from "../values/field-value.ts";
import { parseLoginText } from "../values/login.ts";
import { parseBypassEntry, parseHost, parsePacUrl, parsePort } from "../values/names.ts";

const longestUser = 200;
const mostBypassEntries = 50;
/** RFC 1929, section 2: the length of a user name is one byte. */
const longestSocksUserBytes = 255;

export function checkProxy(proxy: ProxySettings, findings: Findings): ProxySettings {
  if (proxy.kind === "none") return proxy;
  const bypass = findings.takeList(
    "proxy.bypass",
    proxy.bypass,
    mostBypassEntries,
    parseBypassEntry,
  );
  if (proxy.kind === "pac") {
    const url = findings.take("proxy.url", parsePacUrl(proxy.url), proxy.url);
    return { ...proxy, url, user: checkUser(proxy.authentication, proxy.user, findings), bypass };
  }
  const host = findings.take(
    "proxy.host",
    // The text is not repeated: it holds a password.
    proxy.host.includes("@")
      ? wrong("proxy-host-has-login")
      : parseHost(proxy.host, "proxy-host-malformed"),
    proxy.host,
  );
  const port = findings.take("proxy.port", parsePort(String(proxy.port)), proxy.port);
  const user =
    proxy.kind === "socks5"
      ? findings.take("proxy.user", parseSocksUser(proxy.user), proxy.user)
      : checkUser(proxy.authentication, proxy.user, findings);
  return { ...proxy, host, port, user, bypass };
}

function checkUser(authentication: ProxyAuthentication, user: string, findings: Findings): string {
  return proxySchemes[authentication].login === "none"
    ? ""
    : findings.take("proxy.user", parseUser(authentication, user), user);
}

function parseUser(authentication: ProxyAuthentication, user: string): FieldValue<string> {
  const { login, userProblem } = proxySchemes[authentication];
  if (user === "") return login === "optional" ? right(user) : wrong("proxy-user-required");
  const common = parseCommonUser(user);
  if (!common.ok) return common;
  const problem = userProblem?.(user) ?? null;
  return problem === null ? common : wrong(problem);
}

function parseSocksUser(user: string): FieldValue<string> {
  const common = parseCommonUser(user);
  if (!common.ok) return common;
  return Buffer.byteLength(user) > longestSocksUserBytes
    ? wrong("too-long", { limit: String(longestSocksUserBytes) })
    : common;
}

const parseCommonUser = (user: string) => parseLoginText(user, longestUser);
