import type { SettingField } from "./field.ts";
import { splitList } from "./text-values.ts";

export const proxyBypass = {
  path: "proxy.bypass",
  form: "proxy",
  label: "Called directly",
  hint: "Names, .domains, addresses and networks, with commas between. Usually empty.",
  help: "What is called directly, not through the proxy: host names, domains as .example.org, addresses, and networks as 192.0.2.0/24.",
  input: { kind: "text", width: 44 },
  text: ({ proxy }) => ("bypass" in proxy ? proxy.bypass.join(" ") : ""),
  put: ({ proxy }, text) => {
    if ("bypass" in proxy) proxy.bypass = splitList(text);
  },
  review: {
    term: "Called directly",
    value: ({ proxy }) => ("bypass" in proxy ? proxy.bypass.join(", ") : "") || "none",
  },
  needsTrial: true,
  zeroTouch: [{ name: "proxy_bypass", means: "what is called directly" }],
  options: [{ name: "proxy-bypass", value: "HOST[,HOST]", help: "what is called directly" }],
} as const satisfies SettingField;
