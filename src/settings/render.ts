import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isScalar, isSeq, parseDocument, type YAMLSeq } from "yaml";
import { parseSettings } from "./parse.ts";
import type { Settings } from "./schema.ts";

const heading = ` The settings of this Outrider appliance. They are changed at the console or by \`outrider network set\`;
 after a change by hand, restart the appliance. Comments stay when settings are changed elsewhere.`;

/** Without aliases, which are refused when settings are read: the same object in two places is written twice. */
const plain = { aliasDuplicateObjects: false };

/**
 * The text of a settings file. When there is one already, only the values that differ are changed in it, so that comments and
 * the order of lines stay as the administrator left them.
 */
export function renderSettings(settings: Settings, present: string | null): string {
  const edited = present === null ? null : editText(present, settings);
  return edited ?? freshText(settings);
}

function freshText(settings: Settings): string {
  const document = new Document(settings, plain);
  document.commentBefore = heading;
  return document.toString({ lineWidth: 0 });
}

function editText(present: string, settings: Settings): string | null {
  // A text that is no settings cannot be edited into some; it stays in the history for whoever wants to look.
  if (!parseSettings(present).ok) return null;
  const document = parseDocument(present);
  putIn(document, [], settings);
  const text = document.toString({ lineWidth: 0 });
  const again = parseSettings(text);
  return again.ok && isDeepStrictEqual(again.settings, settings) ? text : null;
}

function putIn(document: Document, path: readonly string[], value: unknown): void {
  if (!isPlainObject(value)) {
    putValue(document, path, value);
    return;
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(node)) {
    document.setIn(path, document.createNode(value, plain));
    return;
  }
  for (const pair of [...node.items]) {
    const key = isScalar(pair.key) ? pair.key.value : pair.key;
    if (typeof key !== "string" || !Object.hasOwn(value, key)) node.delete(pair.key);
  }
  for (const [key, child] of Object.entries(value)) putIn(document, [...path, key], child);
}

function putValue(document: Document, path: readonly string[], value: unknown): void {
  const node = document.getIn(path, true);
  if (Array.isArray(value)) {
    if (isSeq(node)) putItems(document, path, node, value);
    else document.setIn(path, document.createNode(value, plain));
  } else if (isScalar(node)) {
    // Setting the value of the node that is there keeps the comment behind it.
    if (node.value !== value) node.value = value;
  } else document.setIn(path, value);
}

function putItems(document: Document, path: readonly string[], present: YAMLSeq, items: readonly unknown[]): void {
  for (let index = present.items.length; index > items.length; index--) present.delete(index - 1);
  for (const [index, item] of items.entries()) putIn(document, [...path, String(index)], item);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
