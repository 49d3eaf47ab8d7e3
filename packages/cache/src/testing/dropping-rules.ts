import type { MakeRule } from './cache-contract.js';
import { expectEqual, type Rule } from './expect.js';
import { contentAt, model, record, requestOf } from './requests.js';

export function deleteRules(rule: MakeRule): Rule[] {
  return [
    rule('delete drops one answer', async (cache) => {
      for (const input of ['a', 'b']) await cache.update(requestOf(input), record(input));
      await cache.delete?.(requestOf('a'));
      await cache.delete?.(requestOf('unknown'));
      expectEqual(await contentAt(cache, requestOf('a')), undefined, 'lookup after delete');
      expectEqual(await contentAt(cache, requestOf('b')), 'b', 'lookup of another');
    }),
  ];
}

export function clearRules(rule: MakeRule): Rule[] {
  return [
    rule('clear drops everything, and the cache goes on', async (cache) => {
      for (const input of ['a', 'b']) await cache.update(requestOf(input), record(input));
      await cache.clear?.();
      for (const input of ['a', 'b'])
        expectEqual(await contentAt(cache, requestOf(input)), undefined, 'after clear');
      await cache.update(requestOf('a'), record('again'));
      expectEqual(await contentAt(cache, requestOf('a')), 'again', 'after clear and update');
    }),
    rule('clear of a scope leaves the scopes that look like it', async (cache) => {
      const scopes = ['', 'a', 'ab', 'A', '%', '*', '_', 'a*', 'a\ud83c', 'a\ud83d', 'a\ufffd'];
      const gone = ['a', '*', '%', 'a\ud83c'];
      for (const scope of scopes) await cache.update(requestOf('q', { scope }), record(scope));
      for (const cleared of gone) await cache.clear?.(cleared);
      for (const scope of scopes) {
        const expected = gone.includes(scope) ? undefined : scope;
        expectEqual(
          await contentAt(cache, requestOf('q', { scope })),
          expected,
          `scope ${scope} after clear`,
        );
      }
    }),
  ];
}

export function invalidateRules(rule: MakeRule): Rule[] {
  return [
    rule('C11: names that are code elsewhere are names', async (cache) => {
      const names = [
        "'; DROP TABLE entries; --",
        '" OR 1=1 --',
        '\r\nFLUSHALL\r\n',
        '$.*',
        '%',
        '{a}',
        '\\',
        '\ud83c',
        '\ud83d',
      ];
      for (const name of names) {
        await cache.update(requestOf(name, { scope: name }), record(name, { tags: [name] }));
      }
      for (const [index, name] of names.entries()) {
        expectEqual(await cache.invalidate?.({ tag: name, scope: name }), 1, `dropped by ${name}`);
        for (const [place, other] of names.entries()) {
          const found = await contentAt(cache, requestOf(other, { scope: other }));
          expectEqual(found, place <= index ? undefined : other, `${other} after ${name} was dropped`);
        }
      }
    }),
    rule('invalidate drops by key, tag, model and scope, and by all that are given', async (cache) => {
      const put = async (input: string, scope: string, tags: readonly string[]) =>
        cache.update(requestOf(input, { scope }), record(input, { tags }));
      await put('a', 's', ['news', 'x']);
      await put('b', 's', ['x%']);
      await put('c', 't', ['news']);
      await put('d', 't', []);
      expectEqual(await cache.invalidate?.({ tag: 'news', scope: 't' }), 1, 'dropped by tag and scope');
      expectEqual(await contentAt(cache, requestOf('c', { scope: 't' })), undefined, 'c');
      expectEqual(await contentAt(cache, requestOf('a', { scope: 's' })), 'a', 'a');
      expectEqual(await cache.invalidate?.({ tag: 'x' }), 1, 'dropped by tag');
      expectEqual(await cache.invalidate?.({ model: 'nobody' }), 0, 'dropped by a model that is not there');
      expectEqual(await cache.invalidate?.({ key: requestOf('b', { scope: 's' }).key }), 1, 'dropped by key');
      expectEqual(await contentAt(cache, requestOf('d', { scope: 't' })), 'd', 'd');
      expectEqual(await cache.invalidate?.({ model: model.name }), 1, 'dropped by model');
    }),
  ];
}
