import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

/**
 * Aliases are refused when settings are read: an object that stands in two places is written twice.
 */
export const withoutAliases = { aliasDuplicateObjects: false };

/**
 * Changes a document to hold `value` and touches only what differs: order, style and comments stay.
 * The comments of a setting that is removed move up to the name of its section.
 */
export function putIntoDocument(document: Document, value: Record<string, unknown>): void {
  if (isMap(document.contents)) putMap(document, document.contents, value);
  else document.contents = document.createNode(value, withoutAliases);
}

/** Every comment of a text, as often as it occurs. */
export function commentsOf(text: string): string[] {
  return [...new Lexer().lex(text)].filter((token) => token.startsWith("#"));
}

/** The entries of `before` that are missing in `after`, as often as they are missing. */
export function missingFrom(after: readonly string[], before: readonly string[]): string[] {
  const left = [...after];
  return before.filter((comment) => {
    const at = left.indexOf(comment);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}

/** Returns the comments that lost their place. */
function putMap(document: Document, map: YAMLMap, value: Record<string, unknown>): string[] {
  const orphans: string[] = [];
  for (const pair of [...map.items]) {
    const name = keyOf(pair);
    if (name !== null && Object.hasOwn(value, name)) continue;
    orphans.push(...commentsIn(pair));
    map.items.splice(map.items.indexOf(pair), 1);
  }
  for (const [name, child] of Object.entries(value)) {
    const pair = map.items.find((each) => keyOf(each) === name);
    if (pair) keepComments(pair, putValue(document, pair, child));
    else map.add(document.createPair(name, child, withoutAliases));
  }
  return orphans;
}

function putValue(document: Document, pair: Pair, value: unknown): string[] {
  const present = pair.value;
  if (isMap(present) && isPlainObject(value)) return putMap(document, present, value);
  if (isSeq(present) && Array.isArray(value)) return putItems(document, present, value);
  if (isScalar(present) && !isCollectionValue(value)) {
    // Setting the value of the node that is there keeps the comment behind it.
    if (present.value !== value) {
      present.value = value;
      delete present.source;
    }
    return [];
  }
  pair.value = document.createNode(value, withoutAliases);
  return commentsIn(present);
}

/** An item that stays keeps its node, and so its comment, wherever it now stands in the list. */
function putItems(document: Document, list: YAMLSeq, values: readonly unknown[]): string[] {
  const present = list.items.map((node) => ({
    node,
    value: isNode(node) ? node.toJS(document) : node,
  }));
  list.items = values.map((value) => {
    const at = present.findIndex((each) => isDeepStrictEqual(each.value, value));
    return at < 0 ? document.createNode(value, withoutAliases) : present.splice(at, 1)[0]?.node;
  });
  if (list.items.length > 0) return present.flatMap(({ node }) => commentsIn(node));
  // An empty list is written as [], which has no place for a comment.
  const own = [list.comment].flatMap((comment) => comment ?? []);
  delete list.comment;
  return [...present.flatMap(({ node }) => commentsIn(node)), ...own];
}

function keepComments({ key }: Pair, orphans: readonly string[]): void {
  if (!isNode(key) || orphans.length === 0) return;
  key.commentBefore = [...(key.commentBefore ? [key.commentBefore] : []), ...orphans].join("\n");
}

function commentsIn(part: unknown): string[] {
  if (isPair(part)) return [...commentsIn(part.key), ...commentsIn(part.value)];
  if (!isNode(part)) return [];
  const around = (comment: Node["comment"]) => (comment ? [comment] : []);
  const inside = isCollection(part) ? part.items.flatMap(commentsIn) : [];
  return [...around(part.commentBefore), ...inside, ...around(part.comment)];
}

function keyOf({ key }: Pair): string | null {
  const name = isScalar(key) ? key.value : key;
  return typeof name === "string" ? name : null;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCollectionValue(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
