import type { InterfaceField } from "./field.ts";
import { withoutStatic } from "./review-values.ts";
import { putRouter, routerText } from "./router-text.ts";

export const ipv4Gateway = {
  path: "ipv4.gateway",
  form: "network",
  label: "Gateway",
  hint: "The router of this network, as 192.0.2.1",
  help: "The router through which other networks are reached. It must be in the same network as the appliance's own address, or type on-link behind it, as 203.0.113.1 on-link, where the provider has it elsewhere. Ask your network team.",
  input: { kind: "text", width: 16 },
  text: ({ ipv4 }) => (ipv4.method === "static" ? routerText(ipv4, "") : ""),
  put: ({ ipv4 }, text) => {
    if (ipv4.method === "static") putRouter(ipv4, text);
  },
  review: {
    term: "Gateway",
    value: ({ ipv4 }) =>
      ipv4.method === "static" ? routerText(ipv4, "none") : withoutStatic(ipv4),
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "gateway",
      also: { lan: ["LAN_Gateway"], wan: ["WAN_Gateway"] },
      means: "its gateway; with ` on-link` behind it when it is outside of the network",
    },
  ],
  options: [{ name: "gateway", value: "ADDRESS", help: "its gateway" }],
} as const satisfies InterfaceField;
