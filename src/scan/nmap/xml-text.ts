import { isXmlCharacter } from "../../base/xml-character.ts";

/**
 * The text of an XML file out of its bytes, with what XML 1.0 forbids replaced: nmap writes control
 * characters of banners as references that no XML 1.0 parser takes (nmap issue 2657), and one of
 * them would cost the whole file.
 */
export async function* xmlText(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: { bytes: number },
): AsyncGenerator<string, void, undefined> {
  let decoder: ReturnType<typeof decoderFor> | null = null;
  let bytes = 0;
  let held = "";
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limits.bytes) throw new RangeError(`more than ${limits.bytes} bytes`);
    decoder ??= decoderFor(chunk);
    const text = held + decoder.decode(chunk, { stream: true });
    const end = wholeUpTo(text);
    held = text.slice(end);
    yield allowed(text.slice(0, end));
  }
  yield allowed(held + (decoder?.decode() ?? ""));
}

function decoderFor(start: Uint8Array) {
  return new TextDecoder(encodingOf(start));
}

/** The encoding of a file that begins with these bytes (XML 1.0, appendix F): UTF-8 if unknown. */
function encodingOf(start: Uint8Array): string {
  const [first, second] = start;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const head = Buffer.from(start.subarray(0, 200)).toString("latin1");
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding=["']([\w.-]{1,40})["']/.exec(head)?.[1];
  if (declared === undefined) return "utf-8";
  try {
    return new TextDecoder(declared).encoding;
  } catch {
    return "utf-8";
  }
}

const longestReference = 12;

/** Text after this may be the begin of a reference or of a surrogate pair. */
function wholeUpTo(text: string): number {
  const reference = text.lastIndexOf("&");
  if (reference >= Math.max(0, text.length - longestReference) && !text.includes(";", reference))
    return reference;
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length;
}

const replacement = "\ufffd";

/** Nearly no text has one of these, and this is looked for faster than what follows. */
const suspicious = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/;
/** XML 1.0, production 2: Char. Lone surrogates are none. */
const forbidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function allowed(text: string): string {
  const characters = suspicious.test(text) ? text.replace(forbidden, replacement) : text;
  if (!characters.includes("&#")) return characters;
  return characters.replace(/&#(?:x([0-9a-fA-F]{1,8})|(\d{1,9}));/g, (reference, hex, decimal) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return isXmlCharacter(code) ? reference : replacement;
  });
}
