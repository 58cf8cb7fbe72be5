import type { Port } from "../../protocol/schemas/results.ts";

type Attributes = Readonly<Record<string, string>>;

export function portOf({ protocol, portid = "" }: Attributes): Port | null {
  const number = Number(portid);
  if (
    (protocol !== "tcp" && protocol !== "udp" && protocol !== "sctp") ||
    !/^\d{1,5}$/.test(portid) ||
    number > 65_535
  )
    return null;
  return { protocol, number, state: "", reason: "" };
}

export function serviceOf(attributes: Attributes): NonNullable<Port["service"]> {
  const { product, version, extrainfo, tunnel } = attributes;
  const confidence = Number(attributes.conf ?? "0");
  const service: NonNullable<Port["service"]> = {
    name: short(attributes.name),
    method: attributes.method === "probed" ? "probed" : "table",
    confidence:
      Number.isInteger(confidence) && confidence >= 0 && confidence <= 10 ? confidence : 0,
    cpe: [],
  };
  if (product) service.product = short(product);
  if (version) service.version = short(version);
  if (extrainfo) service.extraInformation = short(extrainfo);
  if (tunnel) service.tunnel = short(tunnel);
  return service;
}

export function short(text: string | undefined): string {
  return text === undefined ? "" : printable(text, 200);
}

const unseen = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * At most so many characters of a text, with unseen ones as question marks. Banners come from the
 * scanned host: control characters in them could reach a terminal, and invisible or
 * direction-changing ones could make a text look like another.
 */
export function printable(text: string, most: number): string {
  // Nearly all texts are plain ASCII, and this is asked for each attribute of each port.
  if (text.length <= most && /^[ -~]*$/.test(text)) return text;
  return text.slice(0, most).replace(unseen, "?").toWellFormed();
}
