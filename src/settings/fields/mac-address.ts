import type { InterfaceField } from "./field.ts";

export const macAddress = {
  path: "macAddress",
  form: "network",
  label: "Network card",
  hint: "The card that is used for calling home and scanning.",
  help: "The network card that is used. Cards are told apart by their MAC address, which the hypervisor shows too. A card without link is not connected in the hypervisor.",
  input: { kind: "own" },
  text: ({ macAddress }) => macAddress ?? "",
  put: (own, text) => {
    own.macAddress = text.trim() === "" ? null : text;
  },
  review: { term: "Network card", value: ({ macAddress }) => macAddress ?? "first" },
  needsTrial: true,
  zeroTouch: [{ name: "mac", means: "the network card, by its MAC address; blank for the first" }],
  options: [
    {
      name: "nic",
      value: "MAC",
      help: "the network card, by its MAC address; empty for the first free one",
    },
  ],
} as const satisfies InterfaceField;
