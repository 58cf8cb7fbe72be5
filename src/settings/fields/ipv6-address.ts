import type { InterfaceField } from "./field.ts";
import { ipv6Method } from "./ipv6-method.ts";
import { withoutStatic6 } from "./review-values.ts";

export const ipv6Address = {
  path: "ipv6.address",
  form: "network",
  label: "IPv6 address and prefix",
  hint: "As 2001:db8::10/64",
  help: ipv6Method.help,
  input: { kind: "text", width: 48 },
  text: ({ ipv6 }) => (ipv6.method === "static" ? ipv6.address : ""),
  put: ({ ipv6 }, text) => {
    if (ipv6.method === "static") ipv6.address = text;
  },
  review: {
    term: "IPv6 address",
    value: ({ ipv6 }) => (ipv6.method === "static" ? ipv6.address : withoutStatic6(ipv6)),
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "ipv6",
      means: "`off`, `automatic`, or an address with prefix",
      faults: ["ipv6.address", "ipv6"],
    },
  ],
  options: [
    {
      name: "address6",
      value: "ADDRESS/PREFIX",
      help: "a static IPv6 address with its prefix",
    },
  ],
} as const satisfies InterfaceField;
