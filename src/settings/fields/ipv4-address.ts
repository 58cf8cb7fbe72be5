import type { InterfaceField } from "./field.ts";
import { withoutStatic } from "./review-values.ts";

export const ipv4Address = {
  path: "ipv4.address",
  form: "network",
  label: "Address and mask",
  hint: "As 192.0.2.10/24, or with a mask: 192.0.2.10 255.255.255.0",
  help: "The address of this appliance and the size of its network: 192.0.2.10/24, or 192.0.2.10 255.255.255.0. Ask your network team. An address that another machine has already makes both unreliable.",
  input: { kind: "text", width: 34 },
  text: ({ ipv4 }) => (ipv4.method === "static" ? ipv4.address : ""),
  put: ({ ipv4 }, text) => {
    if (ipv4.method === "static") ipv4.address = text;
  },
  review: {
    term: "Address",
    value: ({ ipv4 }) => (ipv4.method === "static" ? ipv4.address : withoutStatic(ipv4)),
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "address",
      also: { lan: ["LAN_IP"], wan: ["WAN_IP"] },
      means:
        "address with prefix, as 192.0.2.10/24, or alone with `lan_netmask`; blank or `dhcp` for DHCP, `off` for no IPv4",
      faults: ["ipv4.address", "ipv4"],
    },
    {
      name: "netmask",
      also: { lan: ["LAN_Netmask"], wan: ["WAN_Netmask"] },
      means: "prefix or mask, for an address without",
    },
  ],
  options: [
    {
      name: "address",
      value: "ADDRESS/PREFIX",
      help: 'a static address, also as "192.0.2.10 255.255.255.0"',
    },
  ],
} as const satisfies InterfaceField;
