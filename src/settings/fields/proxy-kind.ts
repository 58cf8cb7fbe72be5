import { defaultHttpProxy, type ProxySettings } from "../model/schema.ts";
import { proxyPlace } from "../values/proxy-address.ts";
import type { SettingField } from "./field.ts";

/** A proxy of that kind before the other settings are put in; a text that is no kind is `none`. */
function blankProxy(kind: string): ProxySettings {
  const { port, tls, authentication, user } = defaultHttpProxy;
  const besides = { bypass: [], fallbackToDirect: false };
  switch (kind) {
    case "http":
      return { kind, host: "", port, tls, authentication, user, ...besides };
    case "socks5":
      return { kind, host: "", port, user, ...besides };
    case "pac":
      return { kind, url: "", authentication, user, ...besides };
    default:
      return { kind: "none" };
  }
}

export const proxyKind = {
  path: "proxy.kind",
  form: "proxy",
  label: "Way to the platform",
  hint: "Left and Right choose.",
  help: "Direct: the appliance connects to the platform itself (TCP port 443). HTTP proxy: the proxy connects for it (method CONNECT). SOCKS5 proxy: the same by another protocol. Configuration file: a PAC file, whose address your network team gives, names the proxy.",
  input: {
    kind: "choice",
    choices: [
      { value: "none", label: "direct" },
      { value: "http", label: "HTTP proxy" },
      { value: "socks5", label: "SOCKS5 proxy" },
      { value: "pac", label: "configuration file (PAC)" },
    ],
  },
  text: ({ proxy }) => proxy.kind,
  put: (settings, text) => {
    settings.proxy = blankProxy(text);
  },
  review: {
    term: "Proxy",
    value: ({ proxy }) => {
      const place = proxyPlace(proxy) ?? "none";
      return proxy.kind === "socks5" ? `SOCKS5 ${place}` : place;
    },
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "proxy_url",
      also: ["HTTP_Proxy"],
      means:
        "`http://host:3128`, `https://` (TLS to the proxy), `socks5://`, `pac+http://` (configuration file), `none`; without a port `http://` is 80 and `https://` 443; `user:password@` may stand in front of the host",
      faults: ["proxy.host", "proxy.port", "proxy.url", "proxy.kind", "proxy.tls"],
    },
  ],
  options: [
    {
      name: "proxy",
      value: "URL|none",
      help: "http://HOST:PORT, https:// for TLS to the proxy, socks5://, pac+http:// for a file",
    },
  ],
} as const satisfies SettingField;
