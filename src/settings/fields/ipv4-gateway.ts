import type { InterfaceField } from "./field.ts";
import { withoutStatic } from "./review-values.ts";

export const ipv4Gateway = {
  path: "ipv4.gateway",
  form: "network",
  label: "Gateway",
  hint: "The router of this network, as 192.0.2.1",
  help: "The router through which other networks are reached. It must be in the same network as the appliance's own address. Ask your network team.",
  input: { kind: "text", characters: "address", width: 16 },
  text: ({ ipv4 }) => (ipv4.method === "static" ? (ipv4.gateway ?? "") : ""),
  put: ({ ipv4 }, text) => {
    if (ipv4.method === "static") ipv4.gateway = text.trim() === "" ? null : text;
  },
  review: {
    term: "Gateway",
    value: ({ ipv4 }) =>
      ipv4.method === "static" ? (ipv4.gateway ?? "none") : withoutStatic(ipv4),
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "gateway",
      also: { lan: ["LAN_Gateway"], wan: ["WAN_Gateway"] },
      means: "its gateway",
    },
  ],
  options: [{ name: "gateway", value: "ADDRESS", help: "its gateway" }],
} as const satisfies InterfaceField;
