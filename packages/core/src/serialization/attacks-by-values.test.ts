import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Holder, holding, made, registry } from '../../test/holder.js';
import { hostileValue } from '../../test/hostile-values.js';
import { dumps, loads, type Registry } from '../index.js';
import { deepEqual } from '../testing/index.js';

const RUNS = Number(process.env.LAW_RUNS ?? 500);

describe('S1', () => {
  test('what looks like structure in the user’s data stays data, in every field', () => {
    let reads = 0;
    const env = process.env;
    const counting = new Proxy(env, { get: (target, name) => ((reads += 1), Reflect.get(target, name)) });
    fc.assert(
      fc.property(hostileValue, (value) => {
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
        expect(made).toEqual(['Holder', 'Config']);
        const original = chain as unknown as typeof loaded;
        expect(deepEqual(loaded.around?.options, original.around?.options)).toBe(true);
        expect(deepEqual(loaded.bound, original.bound)).toBe(true);
        expect(dumps(loaded as never)).toBe(text);
      }),
      { numRuns: RUNS },
    );
    expect(reads).toBe(0);
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
