import type { InterfaceField } from "./field.ts";

export const ipv4Method = {
  path: "ipv4.method",
  form: "network",
  label: "IPv4 address",
  hint: "Left and Right choose. DHCP takes address, gateway and DNS from the network.",
  help: "Automatic (DHCP): the network gives address, gateway and DNS servers. Static: you type them. Choose static when your network team gave you an address for this appliance.",
  input: {
    kind: "choice",
    choices: [
      { value: "dhcp", label: "automatic (DHCP)" },
      { value: "static", label: "static" },
      { value: "off", label: "off" },
    ],
  },
  text: ({ ipv4 }) => ipv4.method,
  put: (own, text) => {
    if (text === "static") own.ipv4 = { method: text, address: "", gateway: null };
    else own.ipv4 = { method: text === "off" ? "off" : "dhcp" };
  },
  review: { term: "IPv4", value: ({ ipv4 }) => (ipv4.method === "dhcp" ? "DHCP" : ipv4.method) },
  needsTrial: true,
  // lan_address says the method too, and --address means a static one.
  zeroTouch: [],
  options: [
    { name: "dhcp", help: "address by DHCP", text: () => "dhcp" },
    { name: "no-ipv4", help: "no IPv4 on this side", text: () => "off" },
  ],
} as const satisfies InterfaceField;
