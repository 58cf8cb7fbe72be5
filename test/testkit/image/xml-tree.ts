import { SaxesParser, type SaxesTagNS } from "saxes";

/** A parsed element, names by namespace as an importer sees them. */
export interface Node {
  namespace: string;
  local: string;
  attributes: Map<string, string>;
  children: Node[];
  text: string;
}

/** `{namespace}local` keys an attribute; one without a namespace is `local`. */
export function parseXml(source: string): Node {
  const parser = new SaxesParser({ xmlns: true });
  const root: Node = { namespace: "", local: "", attributes: new Map(), children: [], text: "" };
  const open: Node[] = [root];
  parser.on("opentag", (tag: SaxesTagNS) => {
    const attributes = new Map(
      Object.values(tag.attributes).map(({ uri, local, value }) => [
        uri ? `{${uri}}${local}` : local,
        value,
      ]),
    );
    const node: Node = { namespace: tag.uri, local: tag.local, attributes, children: [], text: "" };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on("text", (text) => {
    const node = open.at(-1);
    if (node) node.text += text;
  });
  parser.on("closetag", () => {
    open.pop();
  });
  parser.write(source).close();
  const [document] = root.children;
  if (!document) throw new SyntaxError("no document");
  return document;
}

export function all(node: Node, local: string): Node[] {
  return node.children.flatMap((child) => [
    ...(child.local === local ? [child] : []),
    ...all(child, local),
  ]);
}

export function only(node: Node, local: string): Node {
  const [first, ...more] = all(node, local);
  if (!first || more.length > 0)
    throw new RangeError(`${more.length + (first ? 1 : 0)} elements ${local}`);
  return first;
}
