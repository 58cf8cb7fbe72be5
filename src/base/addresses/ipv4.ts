/** IPv4 addresses as text, and as unsigned numbers of 32 bits. */

export type ParsedAddress =
  | { ok: true; value: number }
  | { ok: false; code: "address-malformed" | "address-leading-zero" };

/**
 * Four decimal numbers. A leading zero is refused: inet_aton(3) reads it as octal and other readers
 * as decimal, so that the same text would mean two machines.
 */
export function parseIpv4(text: string): ParsedAddress {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return { ok: false, code: "address-malformed" };
  let value = 0;
  let leadingZero = false;
  for (const part of text.split(".")) {
    const number = Number(part);
    if (number > 255) return { ok: false, code: "address-malformed" };
    if (part.length > 1 && part.startsWith("0")) leadingZero = true;
    value = value * 256 + number;
  }
  return leadingZero ? { ok: false, code: "address-leading-zero" } : { ok: true, value };
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}
