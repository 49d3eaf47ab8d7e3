import { expect, test } from 'vitest';
import { expectRoundTrip, type Made } from '../../test/round-trip.js';
import {
  configured,
  coreRegistry,
  DeserializationError,
  dumps,
  HumanMessage,
  loads,
  Runnable,
  RunnableBranch,
  RunnableGenerator,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  RunnablePick,
  RunnableSequence,
  RouterRunnable,
  type LlmCache,
  type LlmCacheSetting,
  type Registry,
  type RunEvent,
} from '../index.js';
import { ScriptedChatModel } from '../testing/index.js';

const double = (x: number): number => x * 2;
const add = (x: number): number => x + 1;
const isBig = (x: number): boolean => x > 10;
const fails = (): never => {
  throw new Error('down');
};
const letters = async function* letters(texts: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const text of texts) yield* String(text);
};
const isError = (error: unknown): boolean => error instanceof Error;
const seen: RunEvent['type'][] = [];
const listen = (event: RunEvent): void => void seen.push(event.type);

const always = () => 'use' as const;

const functions = { always, double, add, isBig, fails, letters, isError, listen };
const registry: readonly Registry[] = [coreRegistry, { functions }];
const d = RunnableLambda.from(double);
const a = RunnableLambda.from(add);

const makers: Record<string, Made> = {
  lambda: [() => d, [1, 2]],
  'lambda with a name': [() => new RunnableLambda({ func: (x: number) => x * 2, name: 'double' }), [3]],
  'lambda with the name of its kind': [
    () => new RunnableLambda({ func: double, name: 'RunnableLambda' }),
    [3],
  ],
  sequence: [() => d.pipe(a).pipe(double), [1, 2]],
  'sequence with a name': [
    () => new RunnableSequence({ steps: [d, a], name: 'Pair', omitSequenceTags: true }),
    [1],
  ],
  parallel: [() => RunnableParallel.from({ b: double, a: add, 2: double, __proto__x: add }), [1]],
  'nested chains': [
    () => d.pipe({ all: RunnableParallel.from({ a: double, b: { c: add } }), one: a.pipe(d) }),
    [1, 5],
  ],
  passthrough: [() => new RunnablePassthrough<number>(), [1, 'x', null]],
  'passthrough with a function': [() => new RunnablePassthrough({ func: add }), [1]],
  assign: [
    () => RunnablePassthrough.assign({ n: new RunnablePick<{ k: number }, number>('k').pipe(double) }),
    [{ k: 2 }],
  ],
  'pick of one': [() => new RunnablePick('a'), [{ a: 1, b: 2 }]],
  'pick of several': [() => new RunnablePick(['a', 'c']), [{ a: 1, b: 2, c: 3 }]],
  branch: [() => RunnableBranch.from([[isBig, double], [isBig, add], add]), [1, 20]],
  router: [
    () => RouterRunnable.from({ x: double, y: add }),
    [
      { key: 'x', input: 4 },
      { key: 'y', input: 4 },
    ],
  ],
  each: [() => d.map(), [[1, 2, 3]]],
  generator: [() => RunnableGenerator.from(letters), ['abc']],
  config: [
    () =>
      d.withConfig({
        tags: ['t'],
        metadata: { deep: [{ __proto__x: 1 }] },
        recursionLimit: 7,
        callbacks: [listen],
      }),
    [1],
  ],
  'config with more than plain data': [
    () =>
      d.withConfig({
        metadata: { said: new HumanMessage('hi') },
        configurable: { by: double },
        modelKwargs: { said: [new HumanMessage('hi')] },
        cache: { scope: 's', policy: always },
      }),
    [1],
  ],
  timeout: [() => d.withTimeout(1_000), [1]],
  'no limits': [() => d.withConfig({ maxConcurrency: Infinity }).withRetry({ maxDelayMs: Infinity }), [1]],
  retry: [() => d.withRetry({ stopAfterAttempt: 2, jitter: 'none', retryIf: isError }), [1]],
  fallbacks: [
    () => RunnableLambda.from(fails).withFallbacks({ fallbacks: [d, a] as never, fallbackIf: isError }),
    [1],
  ],
  listeners: [() => d.withListeners({ onStart: listen, onEnd: listen }), [1]],
  'configurable fields': [() => new RunnablePick('a').configurableFields({ keys: 'which' }), [{ a: 1 }]],
  'configurable alternatives': [
    () => d.configurableAlternatives({ id: 'how' }, { bound: a, add: a } as never),
    [1],
  ],
  'several wrappers': [
    () =>
      d
        .withRetry({ stopAfterAttempt: 4 })
        .withFallbacks([a])
        .withConfig({ runName: 'n' })
        .with(configured({})),
    [1],
  ],
};

test.each(Object.entries(makers))('%s', (_name, made) => expectRoundTrip(made, registry));

test('what a stored chain looks like', () => {
  expect(
    d
      .pipe({ a: add })
      .withConfig({ tags: ['x'], callbacks: [listen] })
      .toJSON(),
  ).toMatchInlineSnapshot(`
    {
      "format": "pipewright",
      "root": {
        "children": {
          "bound": {
            "children": {
              "step:1": {
                "kind": "RunnableLambda",
                "options": {
                  "func": {
                    "function": "double",
                  },
                  "name": 1,
                },
              },
              "step:2": {
                "children": {
                  "a": {
                    "kind": "RunnableLambda",
                    "options": {
                      "func": {
                        "function": "add",
                      },
                      "name": 2,
                    },
                  },
                },
                "kind": "RunnableParallel",
              },
            },
            "kind": "RunnableSequence",
          },
        },
        "kind": "Config",
        "options": {
          "callbacks": {
            "list": [
              {
                "function": "listen",
              },
            ],
          },
          "tags": 0,
        },
      },
      "values": [
        [
          "x",
        ],
        "double",
        "add",
      ],
      "version": 1,
    }
  `);
});

test('structured output by JSON Schema', async () => {
  class Answers extends ScriptedChatModel {
    constructor() {
      super({ replies: ['{"n": 1}', '{"n": 1}'] });
    }
  }
  const schema = { title: 'N', type: 'object', properties: { n: { type: 'number' } } };
  const chain = new Answers().withStructuredOutput(schema);
  const model = new Answers();
  const loaded = loads(dumps(chain), { registry: [coreRegistry, { runnables: { [model.name]: model } }] });
  expect(await loaded.invoke('?')).toEqual({ n: 1 });
});

test('a cache is left out of what is stored, and what was said of its use is not', () => {
  const cache: LlmCache = { lookup: () => undefined, update: () => {} };
  const stored = (setting: LlmCacheSetting) => JSON.stringify(d.withConfig({ cache: setting }));
  expect(stored(cache)).toBe(JSON.stringify(d.withConfig({})));
  expect(stored({ cache, scope: 'tenant', ttl: 5 })).toBe(stored({ scope: 'tenant', ttl: 5 }));
  expect(stored(false)).not.toBe(stored(true));
  const model = new ScriptedChatModel({ replies: ['a'], cache });
  expect(dumps(model)).toBe(dumps(new ScriptedChatModel({ replies: ['a'] })));
});

test.each(['{"number":"NaN"}', '{"number":0}', '{"number":"Infinity","function":"double"}'])(
  'F125: %s is no number that is stored',
  (part) => {
    const bound = '{"bound":{"kind":"RunnablePassthrough"}}';
    const root = `{"kind":"Timeout","options":{"timeoutMs":${part}},"children":${bound}}`;
    const text = `{"format":"pipewright","version":1,"root":${root},"values":[]}`;
    expect(() => loads(text, { registry })).toThrow(DeserializationError);
  },
);

test('wrappers keep what they were told', () => {
  const events = seen.length;
  const loaded = loads<number, number>(dumps(d.withListeners({ onStart: listen })), { registry });
  expect(loaded.invokeSync(1)).toBe(2);
  expect(seen.slice(events)).toEqual(['run-start']);
});

test('functions load only if the registry has them', () => {
  const text = dumps(d.pipe(a));
  expect(() => loads(text, { registry: [coreRegistry, { functions: { double } }] })).toThrow(
    /root\.children\.step:2\.options\.func: The registry has no "add" among its functions/,
  );
  expect(() => loads(text, { registry: coreRegistry })).toThrow(DeserializationError);
});

test('nothing loads with an empty registry', () => {
  const text = dumps(new RunnablePassthrough());
  expect(() => loads(text, { registry: [] })).toThrow(/no "RunnablePassthrough" among its kinds/);
  expect(() => loads(text, { registry: {} })).toThrow(DeserializationError);
});

test('a runnable without a manifest goes by its name', () => {
  class Mine extends Runnable<number, number> {
    constructor(
      readonly by: number,
      readonly name = 'Mine',
    ) {
      super();
    }
    run(input: number | object): number {
      return Number(input) * this.by;
    }
  }
  const text = dumps(d.pipe(new Mine(3)));
  expect(() => loads(text, { registry })).toThrow(/no "Mine" among its runnables/);
  const loaded = loads(text, { registry: [...registry, { runnables: { Mine: new Mine(3) } }] });
  expect(loaded.invokeSync(2)).toBe(12);
});

test('D41: a subclass never goes by the kind of its parent', () => {
  class Louder extends RunnableLambda<number, number> {}
  const text = dumps(new Louder({ func: double }));
  expect(JSON.parse(text).root).toEqual({ name: 'double' });
  expect(() => loads(text, { registry })).toThrow(/among its runnables/);
});

test('law 8: options in another order give equal JSON', () => {
  const one = d.withConfig({ seed: 1, tags: ['x'], metadata: { a: 1 } });
  const other = d.withConfig({ metadata: { a: 1 }, tags: ['x'], seed: 1 });
  expect(JSON.stringify(one)).toBe(JSON.stringify(other));
});

test('law 8: equal runnables give equal JSON', () => {
  for (const [, [make]] of Object.entries(makers)) {
    const json = make().toJSON();
    expect(JSON.stringify(make())).toBe(JSON.stringify(json));
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  }
});
