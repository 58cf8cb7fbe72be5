import type { InterfaceField } from "./field.ts";

export const ipv6Method = {
  path: "ipv6.method",
  form: "network",
  label: "IPv6 address",
  hint: "Automatic takes addresses from the router's announcements and from DHCPv6.",
  help: "Off: IPv6 is not used. Automatic: the router announces the network and the address makes itself (or DHCPv6 gives it). Static: type the address with its prefix, as 2001:db8::10/64, and the router's address.",
  input: {
    kind: "choice",
    choices: [
      { value: "off", label: "off" },
      { value: "automatic", label: "automatic" },
      { value: "static", label: "static" },
    ],
  },
  text: ({ ipv6 }) => ipv6.method,
  put: (own, text) => {
    if (text === "static") own.ipv6 = { method: text, address: "", gateway: null };
    else own.ipv6 = { method: text === "automatic" ? "automatic" : "off" };
  },
  review: { term: "IPv6", value: ({ ipv6 }) => ipv6.method },
  needsTrial: true,
  // lan_ipv6 says the method too.
  zeroTouch: [],
  options: [
    {
      name: "ipv6",
      value: "off|automatic",
      help: "IPv6 by router advertisements, or not at all",
    },
  ],
} as const satisfies InterfaceField;
