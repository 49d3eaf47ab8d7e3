import { drawAscii } from './ascii.js';
import { drawMermaid, type MermaidOptions } from './mermaid.js';

/** A step of a graph, or one of its two ends. */
export interface GraphNode {
  /** Its position: the order in which the steps were put together. */
  readonly id: number;
  /** `schema` for the two ends. */
  readonly type: 'schema' | 'runnable';
  readonly name: string;
  /** How many forks it lies behind. */
  readonly depth: number;
  /** The innermost group that it lies in. */
  readonly group?: number;
}

export interface GraphEdge {
  readonly source: number;
  readonly target: number;
  /** The branch or the condition that leads there. */
  readonly label?: string;
  /** Whether only one of several edges is taken. */
  readonly conditional?: true;
}

/** What has steps inside: a wrapper, or a chain with a name of its own. */
export interface GraphGroup {
  readonly id: number;
  readonly name: string;
  /** The group around it. */
  readonly group?: number;
}

/**
 * A chain as data: its steps, and what leads from one to the next. The same chain gives the same graph, byte for byte.
 *
 * @example
 * ```ts
 * import { RunnableLambda } from '@pipewright/core';
 *
 * const double = (x: number) => x * 2;
 * const chain = RunnableLambda.from(double).pipe({ same: (x: number) => x, next: (x: number) => x + 1 });
 * const diagram = chain.getGraph().drawMermaid();
 * const outline = chain.getGraph().drawAscii();
 * ```
 */
export class Graph {
  constructor(
    readonly nodes: readonly GraphNode[],
    readonly edges: readonly GraphEdge[],
    readonly groups: readonly GraphGroup[],
  ) {}

  toJSON(): Pick<Graph, 'nodes' | 'edges' | 'groups'> {
    return { nodes: this.nodes, edges: this.edges, groups: this.groups };
  }

  /** The text of a Mermaid flowchart. Names are escaped: none can break out of its label. */
  drawMermaid(options?: MermaidOptions): string {
    return drawMermaid(this, options);
  }

  /** An outline for terminals and logs. */
  drawAscii(): string {
    return drawAscii(this);
  }
}
