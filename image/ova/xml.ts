import { isXmlCharacter } from "../../src/base/xml-character.ts";

/** One XML element. An attribute or child that is undefined is left out. */
export interface Element {
  name: string;
  attributes?: Record<string, string | undefined>;
  children?: readonly Element[];
  text?: string;
}

export function element(
  name: string,
  attributes: Record<string, string | undefined> = {},
  content: string | readonly Element[] = [],
): Element {
  return typeof content === "string"
    ? { name, attributes, text: content }
    : { name, attributes, children: content };
}

/**
 * Renders a whole document in ASCII: other characters become character references, so that no
 * importer has to guess an encoding.
 */
export function renderDocument(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(root, "")}`;
}

function render(node: Element, indent: string): string {
  const attributes = Object.entries(node.attributes ?? {})
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`)
    .join("");
  const start = `${indent}<${node.name}${attributes}`;
  if (node.text !== undefined && node.text !== "")
    return `${start}>${escapeText(node.text)}</${node.name}>\n`;
  if (node.children === undefined || node.children.length === 0) return `${start}/>\n`;
  const inner = node.children.map((child) => render(child, `${indent}  `)).join("");
  return `${start}>\n${inner}${indent}</${node.name}>\n`;
}

function escapeText(text: string): string {
  return referNonAscii(
    text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\r/g, "&#13;"),
  );
}

/**
 * Line ends and tabs become references too: XML 1.0 section 3.3.3 turns the plain ones into spaces.
 */
function escapeAttribute(text: string): string {
  return escapeText(text).replace(/"/g, "&quot;").replace(/\n/g, "&#10;").replace(/\t/g, "&#9;");
}

function referNonAscii(text: string): string {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (!isXmlCharacter(code))
      throw new RangeError(
        `character U+${code.toString(16).toUpperCase().padStart(4, "0")} cannot stand in XML`,
      );
  }
  return text.replace(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0)};`);
}
