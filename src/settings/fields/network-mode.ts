import { defaultInterface } from "../model/schema.ts";
import type { SettingField } from "./field.ts";

export const networkMode = {
  path: "network.mode",
  form: "network",
  label: "Network cards",
  hint: "With two cards the scans never touch the way to the platform, nor the other way round.",
  help: "One card for all: scans and calls home use the same card. Two cards: LAN scans and WAN calls home, and guards in the packet filter make sure that neither does the other's work. With two cards each has its own addresses, and they must be in different networks.",
  input: {
    kind: "choice",
    choices: [
      { value: "single", label: "one for all" },
      { value: "split", label: "one to scan (LAN), one to call home (WAN)" },
    ],
  },
  text: ({ network }) => network.mode,
  put: (settings, text) => {
    const { network } = settings;
    const { lan } = network;
    const wan = network.mode === "split" ? network.wan : structuredClone(defaultInterface);
    // A text that is no mode counts as the usual one.
    settings.network = text === "split" ? { mode: text, lan, wan } : { mode: "single", lan };
  },
  review: {
    term: "Network cards",
    value: ({ network }) => (network.mode === "split" ? "two" : "one"),
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "wan_enabled",
      also: ["Enable_WAN_Interface"],
      means: "true: LAN scans, WAN calls home; false: LAN does both",
    },
  ],
  options: [
    {
      name: "mode",
      value: "single|split",
      help: "one interface for all, or LAN scans and WAN calls home",
    },
  ],
} as const satisfies SettingField;
