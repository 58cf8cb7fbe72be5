/**
 * HTML that is safe to send: only `html` makes it, and it escapes every value that is not Html
 * itself. Own code: with tagged templates the type of a value decides whether it is escaped;
 * template files cannot do that.
 */
export class Html {
  readonly text: string;

  constructor(parts: readonly string[], values: readonly Content[]) {
    this.text = parts
      .map((part, index) => part + (index < values.length ? contentText(values[index]) : ""))
      .join("");
  }

  toString(): string {
    return this.text;
  }
}

export type Content = Html | string | number | null | undefined | false | readonly Content[];

/**
 * A template whose values are escaped for text and for attributes in double quotes. Never put a
 * value into a script, a style, or an attribute without quotes.
 */
export function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(parts, values);
}

function contentText(content: Content): string {
  if (content === null || content === undefined || content === false) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "object") return content.map(contentText).join("");
  return escapeHtml(String(content));
}

const replacements: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  // Control characters, as a hostile banner may contain them, and characters that change the
  // direction of writing (Unicode UAX #9) are shown as a box.
  return text
    .replace(/[&<>"']/g, (character) => replacements[character] ?? "")
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}
