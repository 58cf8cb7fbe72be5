import type { InterfaceField } from "./field.ts";
import { withoutStatic } from "./review-values.ts";
import { splitList } from "./text-values.ts";

export const dnsServers = {
  path: "dns.servers",
  form: "network",
  label: "DNS servers",
  hint: "One or more, separated by spaces.",
  help: "The servers that turn names, as the platform's, into addresses; up to six, separated by spaces. They may be in other networks.",
  input: { kind: "text", width: 48 },
  text: ({ dns }) => dns.servers.join(" "),
  put: ({ dns }, text) => {
    dns.servers = splitList(text);
  },
  review: {
    term: "DNS servers",
    value: ({ dns, ipv4 }) => dns.servers.join(", ") || withoutStatic(ipv4),
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "dns",
      also: { lan: ["LAN_DNS_Servers"], wan: ["WAN_DNS_Servers"] },
      means: "DNS servers, separated by commas or spaces",
    },
  ],
  options: [
    {
      name: "dns",
      value: "ADDRESS[,ADDRESS]",
      help: "DNS servers; empty for those of the lease",
    },
  ],
} as const satisfies InterfaceField;
