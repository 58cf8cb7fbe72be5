import { type FieldValue, right, wrong } from "./field-value.ts";

export const longestPassword = 200;

/**
 * A user name or a password, as it is. RFC 7617 and RFC 7616 allow no control characters; U+FFFD
 * stands where a program could not read what was typed, and would be said to the proxy.
 */
export function parseLoginText(text: string, longest = longestPassword): FieldValue<string> {
  if ([...text].length > longest) return wrong("too-long", { limit: String(longest) });
  if (/[\u0000-\u001f\u007f]/.test(text)) return wrong("control-character");
  return text.includes("\ufffd") ? wrong("replaced-character") : right(text);
}
