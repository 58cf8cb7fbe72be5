import type { SettingField } from "./field.ts";

export const proxyHost = {
  path: "proxy.host",
  form: "proxy",
  label: "Proxy",
  hint: "Name or address, as proxy.example.org; host:port is taken apart.",
  help: "Name or IP address of the proxy, without http:// and without the port.",
  input: { kind: "text", width: 44 },
  text: ({ proxy }) => ("host" in proxy ? proxy.host : ""),
  put: ({ proxy }, text) => {
    if ("host" in proxy) proxy.host = text;
  },
  review: null,
  needsTrial: true,
  zeroTouch: [],
  options: [],
} as const satisfies SettingField;
