export const logSources = ["agent", "system", "network"] as const;
export type LogSource = (typeof logSources)[number];

/** The operator's tools. */
export const toolNames = ["ping", "look-up", "trace", "tls", "capture"] as const;
export type ToolName = (typeof toolNames)[number];

/** What a DNS server can be asked for; `address` is A and AAAA. */
export const recordTypes = [
  "address",
  "A",
  "AAAA",
  "PTR",
  "CNAME",
  "MX",
  "TXT",
  "SRV",
  "NS",
  "SOA",
  "CAA",
] as const;
export type RecordType = (typeof recordTypes)[number];

/** What a capture takes: everything, or only this. */
export const captureKinds = ["all", "dns", "dhcp", "tcp", "icmp", "arp"] as const;
export type CaptureKind = (typeof captureKinds)[number];

/** The bounds of a capture's time. */
export const captureSeconds = { least: 1, most: 120, usual: 30 } as const;

export const volumeId = /^[a-z0-9]{1,20}$/;

/** A file in the root of a volume or one folder deep; no "..", and no hidden file. */
export const volumePath = /^(?!\.)[A-Za-z0-9 ._+-]{1,80}(?:\/(?!\.)[A-Za-z0-9 ._+-]{1,80})?$/;
