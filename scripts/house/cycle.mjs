// @ts-check

/**
 * The first cycle of a graph, as its nodes with the first repeated at the end; empty if there is none.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @returns {string[]}
 */
export function findCycle(graph) {
  /** @type {Set<string>} */
  const finished = new Set();
  /** @type {string[]} */
  const path = [];

  /** @param {string} node @returns {string[]} */
  const visit = (node) => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (finished.has(node)) return [];
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    finished.add(node);
    return [];
  };

  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
