import fc from 'fast-check';
import { deepEqual } from '../src/testing/index.js';

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
    'schema',
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
  const kind = fc.constantFrom(
    'Holder',
    'RunnableLambda',
    'RunnablePassthrough',
    'Config',
    'Tool',
    'ChatOpenAI',
  );
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
      named('schema', fc.constant('called')),
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
        { '~standard': { version: 1, vendor: 'x', validate: { function: 'called' } } },
      ),
    ),
  };
});

/** Those that a stored chain can hold, copied as JSON would, so that every object has the prototype of objects. */
export const hostileValue = anyValue
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => {
    const text = JSON.stringify(value);
    return !/\\u(d[89a-f]|0000)/i.test(text) && deepEqual(JSON.parse(text), value);
  });
