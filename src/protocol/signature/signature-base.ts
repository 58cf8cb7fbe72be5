/** RFC 9421 section 2: a covered component, with its value in canonical form. */
export interface Component {
  /** As in the signature's input, for example `"@method"` or `"@method";req`. */
  identifier: string;
  value: string;
}

export interface SignatureParameters {
  /** Seconds since 1970 (RFC 9421 section 2.3). */
  created: number;
  nonce?: string;
  keyid: string;
  alg?: string;
  tag?: string;
}

/**
 * RFC 9421 section 2.3: the value of "@signature-params", the covered identifiers and the
 * parameters. Throws RangeError for a text outside printable ASCII.
 */
export function signatureParameters(
  components: readonly Component[],
  parameters: SignatureParameters,
): string {
  const covered = components.map((component) => component.identifier).join(" ");
  const texts = [`created=${parameters.created}`];
  if (parameters.nonce !== undefined) texts.push(`nonce=${quoted(parameters.nonce)}`);
  texts.push(`keyid=${quoted(parameters.keyid)}`);
  if (parameters.alg !== undefined) texts.push(`alg=${quoted(parameters.alg)}`);
  if (parameters.tag !== undefined) texts.push(`tag=${quoted(parameters.tag)}`);
  return [`(${covered})`, ...texts].join(";");
}

/**
 * RFC 9421 section 2.5: the bytes that are signed. Throws RangeError for a component that is covered
 * twice or holds a line break.
 */
export function signatureBase(components: readonly Component[], parameters: string): Uint8Array {
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const { identifier, value } of components) {
    if (seen.has(identifier)) throw new RangeError(`component ${identifier} covered twice`);
    if (/[\r\n]/.test(value)) throw new RangeError(`component ${identifier} holds a line break`);
    seen.add(identifier);
    lines.push(`${identifier}: ${value}`);
  }
  lines.push(`"@signature-params": ${parameters}`);
  return new TextEncoder().encode(lines.join("\n"));
}

/** RFC 9651 section 4.1.6: serialise a string, which holds printable ASCII only. */
function quoted(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError("not printable ASCII");
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
