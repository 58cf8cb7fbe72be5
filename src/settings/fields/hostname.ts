import { parseHostname } from "../values/names.ts";
import type { SettingField } from "./field.ts";

/** The first label of a fully qualified name; null for another text, an address among them. */
export function firstLabel(text: string): string | null {
  const [, first] = /^([a-z0-9-]{1,63})(?:\.[a-z0-9_-]{1,63})+\.?$/i.exec(text.trim()) ?? [];
  return first === undefined || /^[\d.]+$/.test(text.trim()) ? null : first;
}

export const hostname = {
  path: "hostname",
  form: "network",
  label: "Host name",
  hint: "The name of this appliance: letters, digits and hyphens.",
  help: "The name under which this appliance shows itself on the platform and asks for its address by DHCP. Up to 63 letters, digits and hyphens.",
  input: { kind: "text", width: 34 },
  text: ({ hostname }) => hostname,
  put: (settings, text) => {
    settings.hostname = text;
  },
  check: (settings, findings) => {
    settings.hostname = findings.take(
      "hostname",
      parseHostname(settings.hostname),
      settings.hostname,
    );
  },
  review: { term: "Host name", value: ({ hostname }) => hostname },
  needsTrial: false,
  zeroTouch: [
    {
      name: "hostname",
      means: "the appliance's name; of a full name, as scanner-1.example.org, its first label",
      text: (value) => firstLabel(value) ?? value,
    },
  ],
  options: [{ name: "hostname", value: "NAME", help: "the appliance's name" }],
} as const satisfies SettingField;
