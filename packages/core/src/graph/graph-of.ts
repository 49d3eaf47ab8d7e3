import type { Manifest } from '../manifest.js';
import type { AnyRunnable } from '../runnable.js';
import { Graph, type GraphEdge, type GraphGroup, type GraphNode } from './graph.js';

/** Where an edge comes from, and what it is to say. */
interface Exit {
  readonly source: number;
  readonly label?: string;
  readonly conditional?: true;
}
type Exits = readonly Exit[];

/** A part of the drawing that asks for further parts to be drawn first, and ends with the ways out of it. */
type Drawing = Generator<Drawing, Exits, Exits>;

/** The graph of a runnable, drawn from what each says of itself. */
export function graphOf(root: AnyRunnable): Graph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const groups: GraphGroup[] = [];
  /** Those being drawn: one that contains itself is drawn once. */
  const open = new Set<AnyRunnable>();

  const add = (
    type: GraphNode['type'],
    name: string,
    entries: Exits,
    depth: number,
    group?: number,
  ): number => {
    const id = nodes.length;
    nodes.push({ id, type, name, depth, ...(group !== undefined && { group }) });
    for (const { source, ...said } of entries) edges.push({ source, target: id, ...said });
    return id;
  };
  const grouped = (name: string, group: number | undefined): number =>
    groups.push({ id: groups.length, name, ...(group !== undefined && { group }) }) - 1;

  function* draw(runnable: AnyRunnable, entries: Exits, depth: number, group?: number): Drawing {
    const { name, children, manifest } = runnable;
    const parts = Object.entries(children);
    if (parts.length === 0 || open.has(runnable)) {
      return [{ source: add('runnable', name, entries, depth, group) }];
    }
    open.add(runnable);
    const { kind = name, arrangement = 'inside', conditions = {} } = manifest ?? {};
    let exits: Exits = entries;
    if (arrangement === 'sequence') {
      const inner = name === kind || runnable === root ? group : grouped(name, group);
      for (const [, step] of parts) exits = yield draw(step, exits, depth, inner);
    } else {
      const isInside = arrangement === 'inside';
      const inner = isInside ? grouped(ownName(manifest) ?? kind, group) : group;
      const fork = isInside ? undefined : add('runnable', name, entries, depth, group);
      const conditional = arrangement === 'choice' && { conditional: true as const };
      const deciding = new Set(Object.values(conditions));
      const found: Exit[] = [];
      for (const [key, child] of parts) {
        if (deciding.has(key)) continue;
        const condition = Object.hasOwn(conditions, key) ? children[conditions[key] as string] : undefined;
        let ways: Exits =
          fork === undefined ? entries : [{ source: fork, label: condition?.name ?? key, ...conditional }];
        const inDepth = isInside ? depth : depth + 1;
        // A condition that is a chain of its own is more than a label.
        if (condition !== undefined && Object.keys(condition.children).length > 0) {
          ways = yield draw(condition, ways, inDepth, inner);
        }
        for (const exit of yield draw(child, ways, inDepth, inner)) found.push(exit);
      }
      exits = found;
    }
    open.delete(runnable);
    return exits;
  }

  const input = add('schema', 'Input', [], 0);
  add('schema', 'Output', drawn(draw(root, [{ source: input }], 0)), 0);
  return new Graph(nodes, edges, groups);
}

/** The name that a runnable was given, and not that of its kind. */
function ownName(manifest: Manifest | undefined): string | undefined {
  const name = manifest?.options?.name;
  return typeof name === 'string' ? name : undefined;
}

/** Draws part by part without nested calls, so that no chain is too deep. */
function drawn(whole: Drawing): Exits {
  const stack = [whole];
  let exits: Exits = [];
  for (let part = stack.at(-1); part !== undefined; part = stack.at(-1)) {
    const step = part.next(exits);
    if (step.done) {
      exits = step.value;
      stack.pop();
    } else stack.push(step.value);
  }
  return exits;
}
