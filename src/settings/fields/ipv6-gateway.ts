import type { InterfaceField } from "./field.ts";
import { ipv6Method } from "./ipv6-method.ts";
import { withoutStatic6 } from "./review-values.ts";
import { putRouter, routerText } from "./router-text.ts";

export const ipv6Gateway = {
  path: "ipv6.gateway",
  form: "network",
  label: "IPv6 gateway",
  hint: "As fe80::1, or empty if only this network is to be reached.",
  help: ipv6Method.help,
  input: { kind: "text", width: 48 },
  text: ({ ipv6 }) => (ipv6.method === "static" ? routerText(ipv6, "") : ""),
  put: ({ ipv6 }, text) => {
    if (ipv6.method === "static") putRouter(ipv6, text);
  },
  review: {
    term: "IPv6 gateway",
    value: ({ ipv6 }) =>
      ipv6.method === "static" ? routerText(ipv6, "none") : withoutStatic6(ipv6),
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "ipv6_gateway",
      means: "its gateway; with ` on-link` behind it when it is outside of the network",
    },
  ],
  options: [{ name: "gateway6", value: "ADDRESS", help: "its gateway" }],
} as const satisfies InterfaceField;
