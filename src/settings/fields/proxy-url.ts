import type { SettingField } from "./field.ts";

export const proxyUrl = {
  path: "proxy.url",
  form: "proxy",
  label: "Address of the file",
  hint: "As http://proxy.example.org/proxy.pac",
  help: "The address of the proxy automatic configuration file. It is fetched directly, without a proxy.",
  input: { kind: "text", width: 48 },
  text: ({ proxy }) => ("url" in proxy ? proxy.url : ""),
  put: ({ proxy }, text) => {
    if ("url" in proxy) proxy.url = text;
  },
  review: null,
  needsTrial: true,
  zeroTouch: [],
  options: [],
} as const satisfies SettingField;
