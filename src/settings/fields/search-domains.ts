import type { InterfaceField } from "./field.ts";
import { splitList } from "./text-values.ts";

export const searchDomains = {
  path: "dns.search",
  form: "network",
  label: "Search domains",
  hint: "Optional, as example.org",
  help: "Domains that are put behind short names. Nearly always empty.",
  input: { kind: "text", width: 48 },
  text: ({ dns }) => dns.search.join(" "),
  put: ({ dns }, text) => {
    dns.search = splitList(text);
  },
  review: { term: "Search domains", value: ({ dns }) => dns.search.join(", ") || "none" },
  needsTrial: true,
  zeroTouch: [{ name: "search", means: "search domains" }],
  options: [{ name: "search", value: "DOMAIN[,DOMAIN]", help: "search domains" }],
} as const satisfies InterfaceField;
