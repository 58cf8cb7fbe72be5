/** One block of PEM: what it says it is, and its text with lines as they should be. */
export interface PemBlock {
  label: string;
  pem: string;
}

/** Blanks in a frame can be lost with the line ends: vCenter's field makes one line of a paste. */
const begin = /-----\s*BEGIN/;
const edge = /^\s*(BEGIN|END)\s*([A-Z0-9. ]*[A-Z0-9])\s*$/;
/** RFC 7468, section 5.3: names that other programs gave it. */
const otherLabels = /^X\.?509 CERTIFICATE$/;
const lineLength = 64;
/** ASN.1's SEQUENCE with a length of two bytes, as every certificate begins. */
const derStart = [0x30, 0x82];

/**
 * The blocks of PEM in a text, in any white space (RFC 7468, section 2: parsers should ignore it),
 * with line ends written out as `\n`, or in base64 as a whole. Base64 without a frame, which Windows
 * calls Base-64 X.509, is taken for a certificate. What stands between blocks is passed over.
 */
export function pemBlocks(text: string): PemBlock[] {
  if (begin.test(text)) return framedBlocks(text.split("-----"));
  const packed = bodyOf(text);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) return [];
  const bytes = Buffer.from(packed, "base64");
  const inside = bytes.toString("latin1");
  if (begin.test(inside)) return pemBlocks(inside);
  return isDer(bytes) ? [blockOf("CERTIFICATE", packed)] : [];
}

function framedBlocks(pieces: readonly string[]): PemBlock[] {
  return pieces.flatMap((piece, index): PemBlock[] => {
    const [, kind, label = ""] = edge.exec(piece) ?? [];
    const [, end, last] = edge.exec(pieces[index + 2] ?? "") ?? [];
    return kind === "BEGIN" && end === "END" && last === label
      ? [blockOf(label, pieces[index + 1] ?? "")]
      : [];
  });
}

/** The PEM of a certificate in DER, as Windows exports it; null for other bytes. */
export function pemOfDer(bytes: Uint8Array): string | null {
  return isDer(bytes) ? blockOf("CERTIFICATE", Buffer.from(bytes).toString("base64")).pem : null;
}

/** Whether a text has the begin of a block, be it whole or not. */
export function beginsPem(text: string): boolean {
  return begin.test(text);
}

function isDer(bytes: Uint8Array): boolean {
  return derStart.every((byte, index) => bytes[index] === byte);
}

function blockOf(written: string, body: string): PemBlock {
  const label = otherLabels.test(written) ? "CERTIFICATE" : written;
  const lines = bodyOf(body).match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return {
    label,
    pem: `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`,
  };
}

/** White space of every kind, and the escapes that programs write for it. */
function bodyOf(text: string): string {
  return text.replace(/\\+[rnt]|[\s\0\u00ad\u200b-\u200d\u2060\ufeff]/g, "");
}
