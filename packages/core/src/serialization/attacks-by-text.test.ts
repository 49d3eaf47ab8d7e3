import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Holder, holding, registry, storedText } from '../../test/holder.js';
import {
  DeserializationError,
  dumps,
  loads,
  RunnableParallel,
  RunnablePassthrough,
  RunnablePick,
  SerializationError,
} from '../index.js';

const RUNS = Number(process.env.LAW_RUNS ?? 500);

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

test('a text is not loaded without a registry', () => {
  const text = dumps(new RunnablePick('name'));
  for (const options of [undefined, null, {}, { registry: null }, { registry: [undefined] }] as never[]) {
    expect(() => loads(text, options)).toThrow(
      expect.objectContaining({ name: 'ConfigError', option: 'registry' }),
    );
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
  test.each([
    storedText('{"kind":"RunnablePassthrough","kind":"Holder"}'),
    storedText(String.raw`{"kind":"RunnablePassthrough","\u006bind":"Holder"}`),
    storedText('{"kind":"RunnableParallel","children":{"a":{"name":"Holder"},"a":{"name":"Holder"}}}'),
    storedText('{"kind":"Holder","options":{"value":0}}', '[{"user":"me","user":"you"}]'),
    storedText('{"kind":"Holder","options":{"value":{"record":[["user",0],["user",1]]}}}', '["me","you"]'),
    storedText('{"name":"Holder"}').replace('"version":1', '"version":1,"version":1'),
  ])('a key that comes twice is refused: %s', (twice) => {
    expect(() => loads(twice, { registry })).toThrow(/comes twice/);
  });

  test('a key with a NUL, or a name with a control character, is refused', () => {
    const nul = String.raw`\u0000`;
    expect(() =>
      loads(storedText('{"kind":"Holder","options":{"value":0}}', `[{"user${nul}":"you"}]`), { registry }),
    ).toThrow(/NUL/);
    expect(() =>
      loads(storedText(`{"kind":"RunnableParallel","children":{"a${nul}":{"name":"Holder"}}}`), { registry }),
    ).toThrow(/NUL/);
    expect(() =>
      loads(storedText(String.raw`{"kind":"RunnableParallel","children":{"a\n":{"name":"Holder"}}}`), {
        registry,
      }),
    ).toThrow(/control/);
    expect(() => dumps(new Holder({ value: { 'user\0': 1 } }))).toThrow(/NUL/);
    expect(() => dumps(RunnableParallel.from({ 'a\n': new RunnablePassthrough() }))).toThrow(/control/);
  });

  test('unknown fields, values that nothing refers to, and values with two places are refused', () => {
    const refused = [
      storedText('{"kind":"Holder","more":1}'),
      storedText('{"kind":"Holder","name":"Holder"}'),
      storedText('{"kind":"Holder","options":{"other":0}}', '[1]'),
      storedText('{"kind":"Holder","children":{"a":{"name":"Holder"}}}'),
      storedText('{"kind":"Holder","options":{"value":{"function":"called","list":[]}}}'),
      storedText('{"kind":"Holder","options":{"value":{}}}'),
      storedText('{"kind":"Holder","options":{"value":0,"list":0}}', '[1]'),
      storedText('{"kind":"Holder","options":{"value":1}}', '[1]'),
      storedText('{"kind":"Holder","options":{"value":-1}}', '[1]'),
      storedText('{"kind":"Holder"}', '[1]'),
      storedText('{"kind":"Holder"}').replace('}', ',"more":1}'),
      storedText('{"kind":"Holder"}').replace('"version":1', '"version":2'),
      storedText('{"kind":"Holder"}').replace('pipewright', 'other'),
      storedText('{"kind":"RunnableAssign","children":{"mapper":{"name":"Holder"}}}'),
      storedText('{"kind":"RunnableEach"}'),
      storedText('{"kind":"RunnablePick","options":{"keys":0}}', '[{"length":1}]'),
      storedText('{"kind":"RunnableLambda","options":{"func":0}}', '["called"]'),
      storedText('{"kind":"Holder","options":{"value":{"message":0}}}', '[{"type":"human"}]'),
      storedText('{"kind":"Holder","options":{"value":{"message":0}}}', '[{"type":"nobody","content":""}]'),
      storedText(
        '{"kind":"Retry","options":{"stopAfterAttempt":0},"children":{"bound":{"name":"Holder"}}}',
        '[0]',
      ),
    ];
    for (const each of refused) expect(() => loads(each, { registry }), each).toThrow(DeserializationError);
  });

  test('what is accepted means the same when it is written again', () => {
    const spaced = JSON.stringify(JSON.parse(dumps(holding({ b: 1, a: ['\u2028', 1e21] }))), null, 2);
    const once = dumps(loads(spaced, { registry }) as never);
    expect(dumps(loads(once, { registry }) as never)).toBe(once);
    expect(JSON.parse(once)).toEqual(JSON.parse(spaced));
    expect(() =>
      loads(storedText('{"kind":"Holder","options":{"value":0}}', '[1e999]'), { registry }),
    ).toThrow(/Infinity/);
  });
});
