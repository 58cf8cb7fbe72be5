import type { SettingField } from "./field.ts";
import { yesNo } from "./text-values.ts";

export const proxyFallback = {
  path: "proxy.fallbackToDirect",
  form: "proxy",
  label: "If the proxy fails",
  hint: "Yes calls the platform directly while the proxy does not answer.",
  help: "No: while the proxy does not answer, the appliance waits for it. Yes: it calls the platform directly meanwhile. Your network team may not want that.",
  input: { kind: "yes-no" },
  text: ({ proxy }) => yesNo("fallbackToDirect" in proxy && proxy.fallbackToDirect),
  put: ({ proxy }, text) => {
    if ("fallbackToDirect" in proxy) proxy.fallbackToDirect = text === "yes";
  },
  review: {
    term: "Directly when the proxy fails",
    value: ({ proxy }) => yesNo("fallbackToDirect" in proxy && proxy.fallbackToDirect),
  },
  needsTrial: true,
  zeroTouch: [],
  options: [
    {
      name: "proxy-fallback",
      value: "yes|no",
      help: "call directly while the proxy does not answer",
    },
  ],
} as const satisfies SettingField;
