import type { EgressEntry, EgressFile } from "../configd/api/egress.ts";
import { columns } from "./output.ts";

/** The egress ledger as a table, for comparing with a firewall's log. */
export function egressLines({ entries, dropped }: EgressFile): string[] {
  if (entries.length === 0) return ["Nothing was contacted yet."];
  const lines = columns([
    ["BY", "DESTINATION", "ADDRESSES", "TIMES", "LAST", "WHY"],
    ...entries.map(row),
  ]);
  if (dropped > 0) lines.push("", `${dropped} older destinations made room for newer ones.`);
  return lines;
}

function row({ by, host, port, protocol, addresses, count, lastAt, why }: EgressEntry): string[] {
  const place =
    port === 0
      ? `${host}${protocol === "any" ? "" : ` (${protocol})`}`
      : `${host} port ${port}${protocol === "any" ? "" : `/${protocol}`}`;
  const last = new Date(lastAt).toISOString().slice(0, 16).replace("T", " ");
  return [
    by,
    place,
    addresses.filter((address) => address !== host).join(", "),
    count === null ? "-" : String(count),
    last,
    why,
  ];
}
