import type { SettingField } from "./field.ts";
import { yesNo } from "./text-values.ts";

export const proxyTls = {
  path: "proxy.tls",
  form: "proxy",
  label: "TLS to the proxy",
  hint: "Yes only if the proxy itself is spoken to over TLS (https://).",
  help: "Whether the connection to the proxy itself is encrypted. Nearly always no; the platform's own encryption passes through either way.",
  input: { kind: "yes-no" },
  text: ({ proxy }) => yesNo("tls" in proxy && proxy.tls),
  put: ({ proxy }, text) => {
    if ("tls" in proxy) proxy.tls = text === "yes";
  },
  review: {
    term: "TLS to the proxy",
    value: ({ proxy }) => yesNo("tls" in proxy && proxy.tls),
  },
  needsTrial: true,
  zeroTouch: [],
  options: [],
} as const satisfies SettingField;
