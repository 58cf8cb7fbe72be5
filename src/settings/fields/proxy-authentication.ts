import {
  isProxyScheme,
  proxySchemeList,
  proxySchemeNames,
  proxySchemes,
} from "../model/proxy-schemes.ts";
import { defaultHttpProxy, type ProxySettings } from "../model/schema.ts";
import type { SettingField } from "./field.ts";

/** As it is shown; the user's name with it. */
function reviewed(proxy: ProxySettings): string {
  if (proxy.kind === "none") return "none";
  if (proxy.kind === "socks5") return proxy.user === "" ? "none" : `password, user ${proxy.user}`;
  const { term, login } = proxySchemes[proxy.authentication];
  return login === "none" || proxy.user === "" ? term : `${term}, user ${proxy.user}`;
}

export const proxyAuthentication = {
  path: "proxy.authentication",
  form: "proxy",
  label: "Authentication",
  hint: "Automatic takes the strongest that the proxy offers.",
  help: "How the appliance proves who it is. Automatic takes the strongest way that the proxy offers: Negotiate, NTLM, Digest, then Basic. Choose one if automatic does not work, or none if the proxy asks for nothing. If you do not know, choose automatic: Diagnostics tells what the proxy asks for.",
  input: {
    kind: "choice",
    choices: proxySchemeNames.map((value) => ({ value, label: proxySchemes[value].label })),
  },
  text: ({ proxy }) => {
    if (proxy.kind === "none") return defaultHttpProxy.authentication;
    if (proxy.kind === "socks5") return proxy.user === "" ? "none" : "basic";
    return proxy.authentication;
  },
  put: ({ proxy }, text) => {
    if ("authentication" in proxy)
      proxy.authentication = isProxyScheme(text) ? text : defaultHttpProxy.authentication;
  },
  review: { term: "Proxy authentication", value: ({ proxy }) => reviewed(proxy) },
  needsTrial: true,
  zeroTouch: [
    {
      name: "proxy_authentication",
      means: proxySchemeNames.map((name) => `\`${name}\``).join(", "),
    },
  ],
  options: [{ name: "proxy-authentication", value: "SCHEME", help: proxySchemeList }],
} as const satisfies SettingField;
