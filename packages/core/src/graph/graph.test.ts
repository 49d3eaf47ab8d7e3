import { expect, test } from 'vitest';
import {
  AIMessage,
  Runnable,
  RunnableBranch,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  RunnableSequence,
  RouterRunnable,
  toolLoop,
  type Children,
  type Interceptor,
} from '../index.js';
import { FakeListChatModel } from '../testing/index.js';

const one = RunnableLambda.from(function one(x: unknown) {
  return x;
});
const two = RunnableLambda.from(function two(x: unknown) {
  return x;
});
const three = RunnableLambda.from(function three(x: unknown) {
  return x;
});
const model = new FakeListChatModel({ responses: ['x'] });

const edgesOf = (runnable: Runnable<never, unknown, unknown>): string[] => {
  const { nodes, edges } = runnable.getGraph();
  return edges.map(
    ({ source, target, label, conditional }) =>
      `${nodes[source]?.name} ${conditional ? '?' : '-'}${label ?? ''}> ${nodes[target]?.name}`,
  );
};

test('a branch without a name is a branch like the others', () => {
  expect(edgesOf(RunnableParallel.from({ '': one, docs: two }))).toEqual([
    'Input -> RunnableParallel',
    'RunnableParallel -> one',
    'RunnableParallel -docs> two',
    'one -> Output',
    'two -> Output',
  ]);
});

test('one runnable is three nodes and two edges', () => {
  const graph = one.getGraph();
  expect(graph.nodes.map(({ type, name }) => `${type} ${name}`)).toEqual([
    'schema Input',
    'runnable one',
    'schema Output',
  ]);
  expect(edgesOf(one)).toEqual(['Input -> one', 'one -> Output']);
});

test('a sequence of three is five nodes and four edges', () => {
  const { nodes, edges } = one.pipe(two).pipe(three).getGraph();
  expect([nodes.length, edges.length]).toEqual([5, 4]);
});

test('a parallel forks by its keys, and what follows joins it', () => {
  expect(edgesOf(RunnableParallel.from({ a: one, b: two.pipe(three) }).pipe(model as never))).toEqual([
    'Input -> RunnableParallel',
    'RunnableParallel -a> one',
    'RunnableParallel -b> two',
    'two -> three',
    'one -> FakeListChatModel',
    'three -> FakeListChatModel',
    'FakeListChatModel -> Output',
  ]);
  expect(edgesOf(RunnableParallel.from({}))).toEqual([
    'Input -> RunnableParallel',
    'RunnableParallel -> Output',
  ]);
});

test('a branch shows its conditions as labels, and one that is a chain as steps', () => {
  const isLong = (text: unknown): boolean => String(text).length > 10;
  expect(edgesOf(RunnableBranch.from([[isLong, one], [two.pipe(three), one], two]))).toEqual([
    'Input -> RunnableBranch',
    'RunnableBranch ?isLong> one',
    'RunnableBranch ?RunnableSequence> two',
    'two -> three',
    'three -> one',
    'RunnableBranch ?default> two',
    'one -> Output',
    'one -> Output',
    'two -> Output',
  ]);
});

test('routers and fallbacks are choices', () => {
  expect(edgesOf(RouterRunnable.from({ a: one, b: two }))).toEqual([
    'Input -> RouterRunnable',
    'RouterRunnable ?a> one',
    'RouterRunnable ?b> two',
    'one -> Output',
    'two -> Output',
  ]);
  expect(edgesOf(one.withFallbacks([two]))).toContain('Fallbacks<one> ?fallback:1> two');
});

test('wrappers and named chains are groups around their steps', () => {
  const named = new RunnableSequence<unknown, unknown>({ steps: [one, two], name: 'Pair' });
  const chain = three
    .pipe(named.withRetry().withConfig({ tags: ['x'] }))
    .pipe(RunnablePassthrough.assign({ three }) as never);
  const { nodes, groups } = chain.getGraph();
  expect(groups).toEqual([
    { id: 0, name: 'Config' },
    { id: 1, name: 'Retry', group: 0 },
    { id: 2, name: 'Pair', group: 1 },
    { id: 3, name: 'RunnableAssign' },
  ]);
  expect(nodes.map(({ name, group }) => [name, group])).toEqual([
    ['Input', undefined],
    ['three', undefined],
    ['one', 2],
    ['two', 2],
    ['RunnableParallel', 3],
    ['three', 3],
    ['Output', undefined],
  ]);
});

test('a chain in a chain without a name of its own is no group', () => {
  const { groups } = RunnableParallel.from({ a: one.pipe(two) }).getGraph();
  expect(groups).toEqual([]);
});

test('a runnable of the user’s needs to say nothing to show what it is made of', () => {
  class Both extends Runnable<string, string> {
    readonly name = 'Both';
    override get children(): Children {
      return { one, two };
    }
    run(input: unknown): string {
      return String(input);
    }
  }
  const spy: Interceptor = { kind: 'Spy', around: (inner, input, context) => inner(input, context) };
  const { nodes, groups } = new Both().with(spy).getGraph();
  expect(nodes.map(({ name, group }) => [name, group])).toEqual([
    ['Input', undefined],
    ['one', 1],
    ['two', 1],
    ['Output', undefined],
  ]);
  expect(groups.map(({ name }) => name)).toEqual(['Spy', 'Both']);
});

test('D60: names that repeat give other nodes, and the text is the same each time', () => {
  const make = () => one.pipe({ a: one, b: RunnableLambda.from(async () => new AIMessage('x')) }).pipe(one);
  const first = make().getGraph();
  const again = make().getGraph();
  expect(again.drawMermaid()).toBe(first.drawMermaid());
  expect(again.drawAscii()).toBe(first.drawAscii());
  expect(JSON.stringify(again)).toBe(JSON.stringify(first));
  expect(new Set(first.nodes.map(({ id }) => id)).size).toBe(first.nodes.length);
});

test('drawMermaid', () => {
  const chain = one
    .withRetry()
    .pipe({ a: two, b: three })
    .pipe(RunnableBranch.from([[one, two], three]));
  expect(chain.getGraph().drawMermaid()).toMatchInlineSnapshot(`
    "graph TD
    n0(["Input"]):::first
    subgraph g0["Retry"]
    n1["one"]
    end
    n2["RunnableParallel"]
    n3["two"]
    n4["three"]
    n5["RunnableBranch"]
    n6["two"]
    n7["three"]
    n8(["Output"]):::last
    n0 --> n1
    n1 --> n2
    n2 -->|"a"| n3
    n2 -->|"b"| n4
    n3 --> n5
    n4 --> n5
    n5 -.->|"one"| n6
    n5 -.->|"default"| n7
    n6 --> n8
    n7 --> n8
    classDef default fill:#f2f0ff,line-height:1.2
    classDef first fill-opacity:0
    classDef last fill:#bfb6fc
    "
  `);
  expect(one.getGraph().drawMermaid({ direction: 'LR', withStyles: false })).toBe(
    'graph LR\nn0(["Input"])\nn1["one"]\nn2(["Output"])\nn0 --> n1\nn1 --> n2\n',
  );
});

test('drawMermaid lets no name out of its label', () => {
  const evil = '"]; click n0 "javascript:alert(1)"\n%%{init}%% <b>#quot;`end`';
  const chain = new RunnableLambda({ func: (x: unknown) => x, name: evil }).pipe({ [evil]: one });
  const lines = chain.getGraph().drawMermaid({ withStyles: false }).trimEnd().split('\n');
  expect(lines).toHaveLength(1 + 5 + 4);
  for (const line of lines)
    expect(line).toMatch(
      /^(graph TD|n\d(\(?\["[^"<>`;%]*(#\d+;[^"<>`;%]*)*"\]\)?)(:::\w+)?|n\d .*-+> *(\|"[^"<>`%|]*"\|)? n\d)$/,
    );
  expect(chain.getGraph().drawAscii().split('\n')).toHaveLength(9 + 1);
});

test('drawAscii', () => {
  const chain = one
    .withRetry()
    .pipe({ summary: two.pipe(three), rest: { deep: one } })
    .pipe(RunnableBranch.from([[one, two], three]));
  expect(chain.getGraph().drawAscii()).toMatchInlineSnapshot(`
    "Input
    |
    one [Retry]
    |
    RunnableParallel
    +-- summary
    |   two
    |   |
    |   three
    +-- rest
    |   RunnableParallel
    |   +-- deep
    |   |   one
    |
    RunnableBranch
    +-- one
    |   two
    +-- default
    |   three
    |
    Output
    "
  `);
});

test('F128: 10,000 steps, and 10,000 wrappers, without a stack overflow', () => {
  const long = new RunnableSequence<unknown, unknown>({ steps: Array.from({ length: 10_000 }, () => one) });
  expect(long.getGraph().nodes).toHaveLength(10_002);
  let deep: Runnable<unknown, unknown> = one;
  for (let level = 0; level < 10_000; level += 1) deep = deep.withConfig({});
  const graph = deep.getGraph();
  expect([graph.nodes.length, graph.groups.length]).toEqual([3, 10_000]);
  expect(graph.drawMermaid().split('\nend').length).toBe(10_001);
  expect(graph.drawAscii()).toContain('[Config]');
  let nested: Runnable<unknown, unknown> = one;
  for (let level = 0; level < 3_000; level += 1)
    nested = RunnableParallel.from({ a: nested as never }) as never;
  expect(nested.getGraph().nodes).toHaveLength(3_003);
});

test('F128: a runnable that contains itself is drawn once', () => {
  class Loop extends Runnable<unknown, unknown> {
    readonly name = 'Loop';
    override get children(): Children {
      return { self: this, one };
    }
    run(input: unknown): unknown {
      return input;
    }
  }
  expect(new Loop().getGraph().nodes.map(({ name }) => name)).toEqual(['Input', 'Loop', 'one', 'Output']);
});

test('the graph of a chain that has a key named __proto__', () => {
  const steps = JSON.parse('{"__proto__": 1}') as object;
  Object.defineProperty(steps, '__proto__', { value: one, enumerable: true });
  expect(edgesOf(new RunnableParallel({ steps: steps as never }))).toContain(
    'RunnableParallel -__proto__> one',
  );
});

test('what is drawn around its parts has the name that it was given, else its kind', () => {
  const groupsOf = (runnable: Runnable<never, unknown, unknown>) =>
    runnable.getGraph().groups.map(({ name }) => name);
  expect(groupsOf(toolLoop(model, [], { name: 'Clerk' }))).toEqual(['Clerk']);
  expect(groupsOf(toolLoop(model, []).withRetry())).toEqual(['Retry', 'ToolLoop']);
});
