import type { Graph } from './graph.js';

/** An outline: steps below each other, branches set in under what they branch off, wrappers in brackets. */
export function drawAscii({ nodes, edges, groups }: Pick<Graph, 'nodes' | 'edges' | 'groups'>): string {
  const labels = new Map(edges.map(({ target, label }) => [target, label]));
  const lines: string[] = [];
  for (const { id, name, depth, group } of nodes) {
    const margin = '|   '.repeat(depth);
    const label = labels.get(id);
    if (label !== undefined) lines.push(`${margin.slice(4)}+-- ${oneLine(label)}`);
    else if (id > 0) lines.push(`${margin}|`);
    const wrappers: string[] = [];
    for (let at = group; at !== undefined; at = groups[at]?.group) wrappers.push(` [${groups[at]?.name}]`);
    lines.push(margin + oneLine(name + wrappers.join('')));
  }
  return `${lines.join('\n')}\n`;
}

/** A name with line breaks in it cannot imitate further lines. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ');
}
