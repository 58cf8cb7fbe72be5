import type { InterfaceField } from "./field.ts";
import { numberText, readNumber, withoutNone } from "./text-values.ts";

export const vlan = {
  path: "vlan",
  form: "network",
  label: "VLAN tag",
  hint: "1 to 4094 if the switch port is tagged; empty if it is not.",
  help: "The IEEE 802.1Q tag that this card's packets carry, from 1 to 4094. Leave it empty when the hypervisor or the switch takes care of VLANs, which is usual.",
  input: { kind: "text", width: 6 },
  text: ({ vlan }) => numberText(vlan),
  put: (own, text, typed) => {
    own.vlan = readNumber(text, typed, "vlan-malformed");
  },
  review: { term: "VLAN tag", value: ({ vlan }) => (vlan === null ? "none" : String(vlan)) },
  needsTrial: true,
  zeroTouch: [
    {
      name: "vlan",
      also: { lan: ["LAN_Default_VLAN"] },
      means: "VLAN tag; 0 or blank for none",
      // Qualys' 0 is no tag.
      text: (value) => (value === "0" ? "" : value),
    },
  ],
  options: [{ name: "vlan", value: "TAG|none", help: "VLAN tag (IEEE 802.1Q)", text: withoutNone }],
} as const satisfies InterfaceField;
