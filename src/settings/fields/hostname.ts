import { parseHostname } from "../values/names.ts";
import type { SettingField } from "./field.ts";

export const hostname = {
  path: "hostname",
  form: "network",
  label: "Host name",
  hint: "The name of this appliance: letters, digits and hyphens.",
  help: "The name under which this appliance shows itself on the platform and asks for its address by DHCP. Up to 63 letters, digits and hyphens.",
  input: { kind: "text", characters: "hostname", width: 34 },
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
  zeroTouch: [{ name: "hostname", means: "the appliance's name" }],
  options: [{ name: "hostname", value: "NAME", help: "the appliance's name" }],
} as const satisfies SettingField;
