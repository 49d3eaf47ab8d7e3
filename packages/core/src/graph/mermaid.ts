import type { Graph, GraphNode } from './graph.js';

export interface MermaidOptions {
  /** From top to bottom, or from left to right. Default `TD`. */
  readonly direction?: 'TD' | 'LR';
  /** Whether colours are set. Default true. */
  readonly withStyles?: boolean;
}

const STYLES = [
  'classDef default fill:#f2f0ff,line-height:1.2',
  'classDef first fill-opacity:0',
  'classDef last fill:#bfb6fc',
];

export function drawMermaid(
  { nodes, edges, groups }: Pick<Graph, 'nodes' | 'edges' | 'groups'>,
  { direction = 'TD', withStyles = true }: MermaidOptions = {},
): string {
  const lines = [`graph ${direction}`];
  const open = new Set<number>();
  const enter = (group: number | undefined): void => {
    // Steps of a group stand together, so each group is opened and closed once.
    const entered: number[] = [];
    let around = group;
    for (; around !== undefined && !open.has(around); around = groups[around]?.group) entered.push(around);
    for (const id of [...open].reverse()) {
      if (id === around) break;
      open.delete(id);
      lines.push('end');
    }
    for (const id of entered.reverse()) {
      open.add(id);
      lines.push(`subgraph g${id}["${escaped(groups[id]?.name ?? '')}"]`);
    }
  };
  const classOf = ({ id }: GraphNode): string =>
    !withStyles ? '' : id === 0 ? ':::first' : id === nodes.length - 1 ? ':::last' : '';
  for (const node of nodes) {
    enter(node.group);
    const label = `"${escaped(node.name)}"`;
    lines.push(`n${node.id}${node.type === 'schema' ? `([${label}])` : `[${label}]`}${classOf(node)}`);
  }
  enter(undefined);
  for (const { source, target, label, conditional } of edges) {
    const arrow = conditional ? '-.->' : '-->';
    lines.push(`n${source} ${arrow}${label === undefined ? '' : `|"${escaped(label)}"|`} n${target}`);
  }
  return `${[...lines, ...(withStyles ? STYLES : [])].join('\n')}\n`;
}

/** Everything but letters, digits and what is harmless in a label, as Mermaid's entities. */
function escaped(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} _.,:/()-]/gu, (character) => `#${character.codePointAt(0)};`);
}
