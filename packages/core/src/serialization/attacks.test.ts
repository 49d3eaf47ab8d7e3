import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as core from '../index.js';
import {
  AIMessage,
  coreRegistry,
  DeserializationError,
  dumps,
  HumanMessage,
  loads,
  Runnable,
  RunnableLambda,
  RunnablePassthrough,
  SerializationError,
  ToolMessage,
  type Kind,
  type Manifest,
  type Registry,
} from '../index.js';
import { deepEqual } from '../testing/index.js';

const RUNS = Number(process.env.LAW_RUNS ?? 500);

/** Holds a value wherever a chain can hold one. */
class Holder extends Runnable<unknown, unknown> {
  readonly name = 'Holder';
  constructor(readonly told: Readonly<Record<string, unknown>>) {
    super();
  }
  override get manifest(): Manifest {
    return { kind: 'Holder', options: this.told };
  }
  run(input: unknown): unknown {
    return input;
  }
}

/** What was made or called while something was loaded. */
const made: string[] = [];
const spied = (name: string, kind: Kind): Kind => ({
  ...kind,
  load: (parts) => {
    made.push(name);
    return kind.load(parts);
  },
});
const holder: Kind = {
  options: { value: 'any', list: 'any', partial: 'any', messages: 'any', func: 'function' },
  load: ({ options }) => new Holder(options),
};
const kinds = Object.entries({ ...coreRegistry.kinds, Holder: holder });
const called = (): void => void made.push('a function was called');
const registry: Registry = {
  kinds: Object.fromEntries(kinds.map(([name, kind]) => [name, spied(name, kind)])),
  functions: { called },
  runnables: { Holder: new Holder({}) },
};

function holding(value: unknown): Runnable<unknown, unknown> {
  const fields = { additional_kwargs: { value } as never, response_metadata: { value, func: 'x' } as never };
  const messages = [
    new HumanMessage({ content: 'hi', ...fields }),
    new AIMessage({
      content: [{ type: 'other', value } as never],
      tool_calls: [{ name: 'f', args: { value } }],
      ...fields,
    }),
    new ToolMessage({ content: 'done', tool_call_id: '1', artifact: value }),
  ];
  return new Holder({
    value,
    list: [value, called],
    partial: { value, called },
    messages,
    func: called,
  }).withConfig({
    metadata: { value },
    configurable: { value },
    modelKwargs: { value },
    response_format: { type: 'x', value } as never,
    tools: [{ type: 'function', function: { name: 'f', parameters: { value } } }],
  });
}

const anyKey = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'then',
    'toJSON',
    'valueOf',
    'toString',
    'Symbol(iterator)',
    'kind',
    'function',
    'runnable',
    'message',
    'list',
    'record',
    'name',
    'options',
    'children',
    'values',
    'root',
    'lc',
  ),
);

/** Values that look like parts of a stored chain, and others with names that mean something to the language. */
const { value: anyValue } = fc.letrec<{ value: unknown; node: unknown; part: unknown }>((tie) => {
  const kind = fc.constantFrom('Holder', 'RunnableLambda', 'RunnablePassthrough', 'Config', 'ChatOpenAI');
  const named = (key: string, inner: fc.Arbitrary<unknown>) => inner.map((value) => ({ [key]: value }));
  const limits = { maxDepth: 4, depthIdentifier: 'value', withCrossShrink: true } as const;
  const few = { maxKeys: 3, depthIdentifier: 'value' } as const;
  return {
    node: fc.oneof(
      limits,
      named('name', kind),
      fc.record(
        {
          kind,
          options: fc.dictionary(anyKey, tie('part'), few),
          children: fc.dictionary(anyKey, tie('node'), few),
        },
        { requiredKeys: ['kind'] },
      ),
    ),
    part: fc.oneof(
      limits,
      fc.nat(9),
      named('function', fc.constantFrom('called', null)),
      named('message', fc.nat(9)),
      named('chunk', fc.nat(9)),
      named('runnable', tie('node')),
      named('list', fc.array(tie('part'), { maxLength: 3 })),
      named('record', fc.array(fc.tuple(anyKey, tie('part')), { maxLength: 3 })),
      tie('value'),
    ),
    value: fc.oneof(
      limits,
      fc.jsonValue({ maxDepth: 2 }),
      tie('node'),
      tie('part'),
      fc.record({
        format: fc.constant('pipewright'),
        version: fc.constant(1),
        root: tie('node'),
        values: fc.array(tie('value'), { maxLength: 3 }),
      }),
      fc.dictionary(anyKey, tie('value'), few),
      fc.constantFrom<unknown>(
        { lc: 1, type: 'secret', id: ['OPENAI_API_KEY'] },
        { lc: 1, type: 'constructor', id: ['langchain_core', 'runnables', 'RunnableLambda'], kwargs: {} },
        { $ref: '#/root' },
        { content: 'x', type: 'human' },
      ),
    ),
  };
});

/** Copied as JSON would, so that every object has the prototype of objects. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const isExact = (value: unknown): boolean => {
  const text = JSON.stringify(value);
  return !/\\u(d[89a-f]|0000)/i.test(text) && !text.includes('\\u0000') && deepEqual(asJson(value), value);
};

describe('S1', () => {
  test('what looks like structure in the user’s data stays data, in every field', () => {
    let reads = 0;
    const env = process.env;
    const counting = new Proxy(env, { get: (target, name) => ((reads += 1), Reflect.get(target, name)) });
    let written = 0;
    fc.assert(
      fc.property(anyValue.map(asJson), (value) => {
        fc.pre(isExact(value));
        const chain = holding(value);
        const text = dumps(chain);
        made.length = 0;
        process.env = counting;
        let loaded: { around?: { options?: unknown }; bound?: unknown };
        try {
          loaded = loads(text, {
            registry,
            secrets: { OPENAI_API_KEY: 'the secret' },
          }) as unknown as typeof loaded;
        } finally {
          process.env = env;
        }
        written += 1;
        expect(made).toEqual(['Holder', 'Config']);
        const original = chain as unknown as typeof loaded;
        expect(deepEqual(loaded.around?.options, original.around?.options)).toBe(true);
        expect(deepEqual(loaded.bound, original.bound)).toBe(true);
        expect(dumps(loaded as never)).toBe(text);
      }),
      { numRuns: RUNS },
    );
    expect(reads).toBe(0);
    expect(written).toBeGreaterThan(RUNS / 2);
  });

  test('a secret is given to a kind that asks for it by a name in the code, never in the data', () => {
    const text = dumps(new Holder({ value: { secret: 'KEY', lc: 1, type: 'secret', id: ['KEY'] } }));
    const loaded = loads(text, { registry, secrets: { KEY: 'sesame' } });
    expect(JSON.stringify(loaded)).not.toContain('sesame');
    const asking: Registry = {
      kinds: {
        Holder: { options: { value: 'any' }, load: ({ secret }) => new Holder({ value: secret('KEY') }) },
      },
    };
    expect(
      (loads(text, { registry: asking, secrets: { KEY: 'sesame' } }) as unknown as Holder).told.value,
    ).toBe('sesame');
    expect(() => loads(text, { registry: asking })).toThrow(/root: It needs the secret KEY\. Pass/);
    expect(() =>
      loads(text, { registry: asking, secrets: Object.create({ KEY: 'inherited' }) as never }),
    ).toThrow(/needs the secret/);
  });
});

describe('S2', () => {
  test('only the public entry point imports what revives, and no code of ours calls it', () => {
    const importers = (name: string): string[] => {
      const root = new URL('../../../', import.meta.url);
      return readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path) && !/\.test(-d)?\.ts$/.test(path))
        .filter((path) =>
          new RegExp(`from '[^']*/${name}\\.js'`).test(readFileSync(new URL(path, root), 'utf8')),
        );
    };
    expect(importers('reviver')).toEqual(['core/src/serialization/loads.ts']);
    expect(importers('loads')).toEqual(['core/src/index.ts']);
  });

  test('a text that names every export makes nothing that the registry does not allow', () => {
    made.length = 0;
    for (const kind of [...Object.keys(core), 'Object', 'Function', 'constructor', 'toString', '__proto__']) {
      for (const root of [{ kind }, { name: kind }]) {
        const text = JSON.stringify({ format: 'pipewright', version: 1, root, values: [] });
        expect(() => loads(text, { registry: [] })).toThrow(DeserializationError);
        expect(() => loads(text, { registry: { kinds: {}, functions: {}, runnables: {} } })).toThrow(
          DeserializationError,
        );
      }
    }
    expect(made).toEqual([]);
  });
});

test('S3: keys that mean something to the language are keys, and nothing is awaited or called', async () => {
  const before = Reflect.ownKeys(Object.prototype);
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'then',
    'toJSON',
    'valueOf',
    'toString',
    'polluted',
  ];
  const key = fc.constantFrom(...names);
  const tree = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>('x', true, null),
      fc.array(fc.tuple(key, tie('node')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).node;
  fc.assert(
    fc.property(tree, (value) => {
      const loaded = loads(dumps(new Holder({ value })), { registry }) as unknown as Holder;
      expect(deepEqual(loaded.told.value, value)).toBe(true);
    }),
    { numRuns: RUNS },
  );
  const inStructure = [
    '{"kind":"Holder","options":{"__proto__":0}}',
    '{"kind":"Holder","__proto__":{"options":{}}}',
    '{"kind":"Holder","options":{"constructor":{"function":"called"}}}',
    '{"kind":"Holder","options":{"value":{"function":"constructor"}}}',
    '{"kind":"Holder","options":{"value":{"function":"__proto__"}}}',
    '{"kind":"Holder","children":{"__proto__":{"name":"Holder"}}}',
    '{"__proto__":{"kind":"Holder"}}',
    '{"kind":"RunnableAssign","children":{"__proto__":{"name":"Holder"}}}',
  ];
  for (const root of inStructure) {
    const text = `{"format":"pipewright","version":1,"root":${root},"values":["x"]}`;
    expect(() => loads(text, { registry })).toThrow(DeserializationError);
  }
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  made.length = 0;
  const thenable = loads(dumps(new Holder({ value: JSON.parse('{"then":"x"}') })), { registry });
  expect(await Promise.resolve(thenable)).toBe(thenable);
  expect(made).toEqual(['Holder']);
});

test('S3: a parallel with a branch named __proto__ comes back with it', async () => {
  const text =
    '{"format":"pipewright","version":1,"root":{"kind":"RunnableParallel","children":{"__proto__":{"kind":"RunnablePassthrough"}}},"values":[]}';
  const loaded = loads(text, { registry });
  expect(dumps(loaded as never)).toBe(text);
  expect(deepEqual(await loaded.invoke(1), JSON.parse('{"__proto__":1}'))).toBe(true);
});

test('S4: a text that cannot be written exactly is an error with its place, and there is no other way to write it', () => {
  const texts = fc.string({
    unit: fc.oneof(
      fc.nat(0xffff).map((code) => String.fromCharCode(code)),
      fc.constantFrom('\0', '\u2028', '\uffff', '\ud800', '😀'),
    ),
  });
  fc.assert(
    fc.property(texts, (text) => {
      const chain = new Holder({ value: { deep: [text] } });
      if (/\p{Surrogate}/u.test(text)) {
        expect(() => dumps(chain)).toThrow(SerializationError);
        expect(() => chain.toJSON()).toThrow(/^root\.options\.value\.deep\[0\]: /);
      } else {
        const loaded = loads(dumps(chain), { registry }) as unknown as Holder;
        expect(loaded.told.value).toEqual({ deep: [text] });
      }
    }),
    { numRuns: RUNS },
  );
  const text = dumps(new Holder({ value: 'X' })).replace('"X"', String.raw`"\ud800"`);
  expect(() => loads(text, { registry })).toThrow(/values\[0\]: It is a text with half a surrogate pair/);
});

test('S5: loading runs no code that came as data', () => {
  const folder = new URL('./', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => !name.includes('.test.'))) {
    const source = readFileSync(new URL(file, folder), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
    expect(source, file).not.toMatch(
      /\beval\b|new Function|Function\(|\bimport\(|\brequire\b|\bprocess\b|globalThis|from 'node:|\.env\b/,
    );
  }
});

test('S5: a mutated text is a chain or an error of ours, and nothing else', () => {
  const text = dumps(holding({ a: [1, 'x', null] }));
  const mutation = fc.tuple(
    fc.nat(text.length),
    fc.nat(8),
    fc.string({ maxLength: 8, unit: fc.constantFrom(...Array.from('{}[]":,0e-\\u"functionkd')) }),
  );
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      const mutated = mutations.reduce(
        (now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut),
        text,
      );
      try {
        const again = dumps(loads(mutated, { registry }) as never);
        expect(dumps(loads(again, { registry }) as never)).toBe(again);
      } catch (error) {
        expect(error).toBeInstanceOf(DeserializationError);
      }
    }),
    { numRuns: RUNS * 4 },
  );
});

test('S6: how a provider is reached is refused, in every kind and spelling, with its place', () => {
  const names = [
    'baseURL',
    'base_url',
    'BASEURL',
    'headers',
    'defaultHeaders',
    'fetch',
    'proxy',
    'httpAgent',
    'apiKey',
    'api_key',
    'configuration',
    'endpoint',
    'modulePath',
  ];
  for (const kind of Object.keys(registry.kinds ?? {})) {
    for (const name of names) {
      made.length = 0;
      const root = { kind, options: { [name]: 0 } };
      const text = JSON.stringify({
        format: 'pipewright',
        version: 1,
        root,
        values: ['http://evil.example'],
      });
      expect(() => loads(text, { registry })).toThrow(
        `root.options.${name}: How a provider is reached never comes from`,
      );
      expect(made).toEqual([]);
    }
  }
  const asking: Registry = { kinds: { Open: { options: { baseURL: 'text' }, load: () => new Holder({}) } } };
  const text =
    '{"format":"pipewright","version":1,"root":{"kind":"Open","options":{"baseURL":0}},"values":["x"]}';
  expect(() => loads(text, { registry: asking })).toThrow(DeserializationError);
  expect(() => dumps(new Holder({ apiKey: 'sk-123' }))).toThrow(/^root\.options\.apiKey: /);
  expect(() => dumps(new Holder({ apiKey: 'sk-123' }))).not.toThrow(/sk-123/);
  const configurable =
    '{"format":"pipewright","version":1,"root":{"kind":"ConfigurableFields","options":{"fields":0},"children":{"bound":{"name":"Holder"}}},"values":[{"baseURL":"x"}]}';
  expect(() => loads(configurable, { registry })).toThrow(/cannot make "baseURL" configurable/);
});

test('S7: names in the data lead to no file', () => {
  for (const name of [
    '../../etc/passwd',
    '/etc/passwd',
    'C:\\x',
    'file:///etc/passwd',
    '%2e%2e/x',
    'x\0.js',
    'a'.repeat(10_000),
  ]) {
    for (const root of [
      { kind: name },
      { name },
      { kind: 'Holder', options: { func: { function: name } } },
    ]) {
      const text = JSON.stringify({ format: 'pipewright', version: 1, root, values: [] });
      expect(() => loads(text, { registry })).toThrow(DeserializationError);
    }
  }
});

test('S8: YAML is no stored chain, and core knows no parser of it', () => {
  for (const yaml of [
    'format: pipewright\nversion: 1',
    '&a [*a, *a]',
    '!!js/function "x"',
    '- '.repeat(300_000),
  ]) {
    expect(() => loads(yaml, { registry })).toThrow(DeserializationError);
  }
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as object;
  expect(JSON.stringify(manifest)).not.toMatch(/yaml/i);
});

describe('S9', () => {
  const text = (root: string, values = '[]') =>
    `{"format":"pipewright","version":1,"root":${root},"values":${values}}`;

  test.each([
    text('{"kind":"RunnablePassthrough","kind":"Holder"}'),
    text(String.raw`{"kind":"RunnablePassthrough","\u006bind":"Holder"}`),
    text('{"kind":"RunnableParallel","children":{"a":{"name":"Holder"},"a":{"name":"Holder"}}}'),
    text('{"kind":"Holder","options":{"value":0}}', '[{"user":"me","user":"you"}]'),
    text('{"kind":"Holder","options":{"value":{"record":[["user",0],["user",1]]}}}', '["me","you"]'),
    text('{"name":"Holder"}').replace('"version":1', '"version":1,"version":1'),
  ])('a key that comes twice is refused: %s', (twice) => {
    expect(() => loads(twice, { registry })).toThrow(/comes twice/);
  });

  test('a key with a NUL, or a name with a control character, is refused', () => {
    const nul = String.raw`\u0000`;
    expect(() =>
      loads(text('{"kind":"Holder","options":{"value":0}}', `[{"user${nul}":"you"}]`), { registry }),
    ).toThrow(/NUL/);
    expect(() =>
      loads(text(`{"kind":"RunnableParallel","children":{"a${nul}":{"name":"Holder"}}}`), { registry }),
    ).toThrow(/NUL/);
    expect(() =>
      loads(text(String.raw`{"kind":"RunnableParallel","children":{"a\n":{"name":"Holder"}}}`), { registry }),
    ).toThrow(/control/);
    expect(() => dumps(new Holder({ value: { 'user\0': 1 } }))).toThrow(/NUL/);
    expect(() => dumps(core.RunnableParallel.from({ 'a\n': new RunnablePassthrough() }))).toThrow(/control/);
  });

  test('unknown fields, values that nothing refers to, and values with two places are refused', () => {
    const refused = [
      text('{"kind":"Holder","more":1}'),
      text('{"kind":"Holder","name":"Holder"}'),
      text('{"kind":"Holder","options":{"other":0}}', '[1]'),
      text('{"kind":"Holder","children":{"a":{"name":"Holder"}}}'),
      text('{"kind":"Holder","options":{"value":{"function":"called","list":[]}}}'),
      text('{"kind":"Holder","options":{"value":{}}}'),
      text('{"kind":"Holder","options":{"value":0,"list":0}}', '[1]'),
      text('{"kind":"Holder","options":{"value":1}}', '[1]'),
      text('{"kind":"Holder","options":{"value":-1}}', '[1]'),
      text('{"kind":"Holder"}', '[1]'),
      text('{"kind":"Holder"}').replace('}', ',"more":1}'),
      text('{"kind":"Holder"}').replace('"version":1', '"version":2'),
      text('{"kind":"Holder"}').replace('pipewright', 'other'),
      text('{"kind":"RunnableAssign","children":{"mapper":{"name":"Holder"}}}'),
      text('{"kind":"RunnableEach"}'),
      text('{"kind":"RunnablePick","options":{"keys":0}}', '[{"length":1}]'),
      text('{"kind":"RunnableLambda","options":{"func":0}}', '["called"]'),
      text('{"kind":"Holder","options":{"value":{"message":0}}}', '[{"type":"human"}]'),
      text('{"kind":"Holder","options":{"value":{"message":0}}}', '[{"type":"nobody","content":""}]'),
      text('{"kind":"Retry","options":{"stopAfterAttempt":0},"children":{"bound":{"name":"Holder"}}}', '[0]'),
    ];
    for (const each of refused) expect(() => loads(each, { registry }), each).toThrow(DeserializationError);
  });

  test('what is accepted means the same when it is written again', () => {
    const spaced = JSON.stringify(JSON.parse(dumps(holding({ b: 1, a: ['\u2028', 1e21] }))), null, 2);
    const once = dumps(loads(spaced, { registry }) as never);
    expect(dumps(loads(once, { registry }) as never)).toBe(once);
    expect(JSON.parse(once)).toEqual(JSON.parse(spaced));
    expect(() => loads(text('{"kind":"Holder","options":{"value":0}}', '[1e999]'), { registry })).toThrow(
      /Infinity/,
    );
  });
});

test('RunnableLambda of the registry is called by nobody while it loads', () => {
  made.length = 0;
  loads(dumps(RunnableLambda.from(called)), { registry });
  expect(made).toEqual(['RunnableLambda']);
});
