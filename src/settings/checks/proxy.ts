import { fact } from "../../base/messages/facts.ts";
import type { ProxySettings } from "../model/schema.ts";
import { parseBypassEntry, parseHost, parsePacUrl, parsePort } from "./names.ts";
import { type FieldValue, type Findings, right, wrong } from "./values.ts";

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
    parseHost(proxy.host, "proxy-host-malformed"),
    proxy.host,
  );
  const port = findings.take("proxy.port", parsePort(String(proxy.port)), proxy.port);
  if (proxy.kind === "socks5")
    return {
      ...proxy,
      host,
      port,
      user: findings.take("proxy.user", parseSocksUser(proxy.user), proxy.user),
      bypass,
    };
  return {
    ...proxy,
    host,
    port,
    user: checkUser(proxy.authentication, proxy.user, findings),
    bypass,
  };
}

function checkUser(authentication: string, user: string, findings: Findings): string {
  return authentication === "none"
    ? ""
    : findings.take("proxy.user", parseUser(authentication, user), user);
}

/** An empty user is one thing with `automatic`: no log-in, should the proxy want none. */
function parseUser(authentication: string, user: string): FieldValue<string> {
  if (user === "")
    return authentication === "automatic" ? right(user) : wrong("proxy-user-required");
  const common = parseCommonUser(user);
  if (!common.ok) return common;
  if (authentication === "basic" && user.includes(":")) return wrong("proxy-user-colon");
  if (authentication === "ntlm" && !/^(?:[^\\]{1,100}\\)?[^\\]{1,100}$/.test(user))
    return wrong("proxy-user-domain");
  if (authentication === "negotiate" && !/^[^@\\/\s]{1,128}@[A-Za-z0-9.-]{1,253}$/.test(user))
    return wrong("proxy-user-realm");
  return common;
}

function parseSocksUser(user: string): FieldValue<string> {
  const common = parseCommonUser(user);
  if (!common.ok) return common;
  return Buffer.byteLength(user) > longestSocksUserBytes
    ? wrong("too-long", { limit: String(longestSocksUserBytes) })
    : common;
}

function parseCommonUser(user: string): FieldValue<string> {
  if (user.length > longestUser) return wrong("too-long", { limit: String(longestUser) });
  return /[\u0000-\u001f\u007f]/.test(user)
    ? wrong("not-valid", { value: "This" }, fact("has-control-character"))
    : right(user);
}
