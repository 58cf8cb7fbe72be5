/**
 * The circles of a graph: sets of nodes that all reach each other (Tarjan, "Depth-first search and
 * linear graph algorithms", 1972). Nodes of a circle come in the order of their names.
 */
export function findCircles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const indexes = new Map<string, number>();
  const lows = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const circles: string[][] = [];

  const visit = (node: string): void => {
    indexes.set(node, indexes.size);
    lows.set(node, indexes.size - 1);
    stack.push(node);
    onStack.add(node);
    for (const next of graph.get(node) ?? []) {
      if (!indexes.has(next)) {
        visit(next);
        lower(node, lows.get(next));
      } else if (onStack.has(next)) lower(node, indexes.get(next));
    }
    if (lows.get(node) === indexes.get(node)) close(node);
  };
  const lower = (node: string, other: number | undefined): void => {
    lows.set(node, Math.min(lows.get(node) ?? 0, other ?? 0));
  };
  const close = (node: string): void => {
    const circle = stack.splice(stack.indexOf(node));
    for (const member of circle) onStack.delete(member);
    if (circle.length > 1 || graph.get(node)?.has(node)) circles.push(circle.sort());
  };

  for (const node of graph.keys()) if (!indexes.has(node)) visit(node);
  return circles;
}
