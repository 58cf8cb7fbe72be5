import { parseHost } from "../values/names.ts";
import type { SettingField } from "./field.ts";
import { splitList } from "./text-values.ts";

const mostTimeServers = 6;

export const timeServers = {
  path: "time.servers",
  form: "time",
  label: "Time servers",
  hint: "Names or addresses, with spaces between. Empty: those of DHCP, else Debian's.",
  help: "NTP servers by name or address, separated by spaces; up to six. Empty takes those that DHCP gives, or else Debian's public ones.",
  input: { kind: "text", width: 48 },
  text: ({ time }) => time.servers.join(" "),
  put: ({ time }, text) => {
    time.servers = splitList(text);
  },
  check: ({ time }, findings) => {
    time.servers = findings.takeList("time.servers", time.servers, mostTimeServers, (text) =>
      parseHost(text, "time-server-malformed"),
    );
  },
  review: { term: "Time servers", value: ({ time }) => time.servers.join(", ") || "by DHCP" },
  // Own time servers change what is taken of a lease, and with it the link.
  needsTrial: true,
  zeroTouch: [{ name: "ntp_servers", means: "time servers" }],
  options: [
    {
      name: "ntp",
      value: "SERVER[,SERVER]",
      help: "time servers; empty for those of the lease, else Debian's pool",
    },
  ],
} as const satisfies SettingField;
