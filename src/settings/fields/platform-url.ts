import { parsePlatformUrl } from "../values/names.ts";
import type { SettingField } from "./field.ts";

export const platformUrl = {
  path: "platform.url",
  form: "platform",
  label: "Platform address",
  hint: "As platform.example.org, or https://platform.example.org:8443",
  help: "Name of the platform's web page, as platform.example.org. https:// is put in front by itself; a port can follow, as :8443.",
  input: { kind: "own" },
  text: ({ platform }) => platform.url ?? "",
  put: ({ platform }, text) => {
    platform.url = text;
  },
  check: ({ platform }, findings) => {
    if (platform.url !== null)
      platform.url = findings.take("platform.url", parsePlatformUrl(platform.url), platform.url);
  },
  review: { term: "Platform", value: ({ platform }) => platform.url ?? "not set" },
  needsTrial: true,
  zeroTouch: [
    { name: "platform_url", means: "the platform's address, as https://platform.example.org" },
  ],
  options: [
    {
      name: "platform-url",
      value: "URL",
      help: "the address alone; `outrider enrol` gives the appliance to another platform",
    },
  ],
} as const satisfies SettingField;
