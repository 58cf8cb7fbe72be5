import type { InterfaceField } from "./field.ts";
import { numberText, readNumber, withoutNone } from "./text-values.ts";

export const mtu = {
  path: "mtu",
  form: "network",
  label: "MTU",
  hint: "576 to 9216; empty for the usual one.",
  help: "The largest packet. Leave it empty unless your network team told you a number: a wrong one makes large answers vanish.",
  input: { kind: "text", width: 6 },
  text: ({ mtu }) => numberText(mtu),
  put: (own, text, typed) => {
    own.mtu = readNumber(text, typed, "mtu-malformed", { least: "576", most: "9216" });
  },
  review: { term: "MTU", value: ({ mtu }) => (mtu === null ? "usual" : String(mtu)) },
  needsTrial: true,
  zeroTouch: [{ name: "mtu", means: "largest packet" }],
  options: [{ name: "mtu", value: "BYTES|automatic", help: "largest packet", text: withoutNone }],
} as const satisfies InterfaceField;
