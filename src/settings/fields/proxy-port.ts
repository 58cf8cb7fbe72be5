import { defaultHttpProxy } from "../model/schema.ts";
import { parsePort } from "../values/names.ts";
import type { SettingField } from "./field.ts";

export const proxyPort = {
  path: "proxy.port",
  form: "proxy",
  label: "Port",
  hint: "Usually 3128 or 8080.",
  help: "The port on which the proxy listens, usually 3128 or 8080.",
  input: { kind: "text", width: 6 },
  text: ({ proxy }) => String("port" in proxy ? proxy.port : defaultHttpProxy.port),
  put: ({ proxy }, text, typed) => {
    if (!("port" in proxy)) return;
    const parsed = parsePort(text);
    if (parsed.ok) proxy.port = parsed.value;
    else typed.note(parsed.code, parsed.values);
  },
  review: null,
  needsTrial: true,
  zeroTouch: [],
  options: [],
} as const satisfies SettingField;
