import type { Store, StoreEntry } from '../entry-store.js';
import { expectEqual, type Rule } from './expect.js';

/**
 * The rules that every store keeps, as tests. A store needs no rule about keys, versions or damage: `StoreCache` sees to
 * those, and `cacheContract` checks them together.
 *
 * @param make - makes an empty store, called for every rule
 *
 * @example
 * ```ts
 * import { storeContract } from '@pipewright/cache/testing';
 * import { applies, type StoreEntry } from '@pipewright/cache/store';
 *
 * const rules = storeContract(() => {
 *   const entries = new Map<string, StoreEntry>();
 *   return {
 *     get: (digest) => entries.get(digest)?.text,
 *     set: (entry) => void entries.set(entry.digest, entry),
 *     delete: (digest) => entries.delete(digest),
 *     remove: (selector) => {
 *       const found = [...entries.values()].filter((entry) => applies(selector, entry));
 *       for (const { digest } of found) entries.delete(digest);
 *       return found.length;
 *     },
 *   };
 * });
 * for (const rule of rules) await rule.check();
 * ```
 */
export function storeContract(make: () => Store | Promise<Store>): readonly Rule[] {
  const rule = (name: string, check: (store: Store) => Promise<void>): Rule => ({
    name,
    check: async () => {
      const store = await make();
      try {
        await check(store);
      } finally {
        await store.close?.();
      }
    },
  });
  return [
    rule('gives back each text unchanged', async (store) => {
      const texts = [
        '',
        '\r\n$5\r\nhello',
        "'); DROP TABLE entries; --",
        '\u0000',
        '\u{1f600}',
        'x'.repeat(1_000_000),
      ];
      for (const [index, text] of texts.entries()) await store.set(entryOf(index, { text: wrap(text) }));
      for (const [index, text] of texts.entries()) {
        expectEqual(await store.get(digestOf(index)), wrap(text), `text ${index}`);
      }
      expectEqual((await store.get(digestOf(99))) ?? undefined, undefined, 'an unknown digest');
    }),
    rule('replaces whole entries, tags and all', async (store) => {
      await store.set(entryOf(0, { text: wrap('long'.repeat(100)), tags: ['old'] }));
      await store.set(entryOf(0, { text: wrap('short'), tags: ['new'] }));
      expectEqual(await store.remove({ tag: 'old' }), 0, 'removed by the tag it had');
      expectEqual(await store.get(digestOf(0)), wrap('short'), 'the text');
    }),
    rule('deletes one entry, and says whether it was there', async (store) => {
      for (const index of [0, 1]) await store.set(entryOf(index));
      expectEqual(await store.delete(digestOf(0)), true, 'delete');
      expectEqual(await store.delete(digestOf(0)), false, 'delete again');
      expectEqual(await store.get(digestOf(1)), entryOf(1).text, 'the other one');
    }),
    rule('removes by scope, model and tag, compared exactly', async (store) => {
      const names = ['a', 'A', 'ab', 'a%', '%', '*', 'a_', "a'", 'a:b', 'a\nb', ''];
      for (const [index, name] of names.entries()) {
        await store.set(entryOf(index, { scope: name, model: name, tags: [name, `${name}!`] }));
      }
      for (const name of ['%', '*', '', 'a']) {
        expectEqual(
          await store.remove({ scope: name, model: name, tag: `${name}!` }),
          1,
          `removed for ${name}`,
        );
        expectEqual(await store.remove({ tag: name }), 0, `removed for ${name} again`);
      }
      expectEqual(await store.remove({ scope: 'A', model: 'ab' }), 0, 'removed by fields of two entries');
      expectEqual(await store.remove({}), names.length - 4, 'all the rest');
    }),
    rule('C9: is as empty as it was after adding and removing a lot', async (store) => {
      for (let index = 0; index < 300; index += 1)
        await store.set(entryOf(index, { tags: [`t${index % 3}`] }));
      let removed = 0;
      for (const tag of ['t0', 't1', 't2']) removed += await store.remove({ tag });
      expectEqual(removed, 300, 'removed in all');
    }),
    rule('writers at once leave one of their texts', async (store) => {
      const texts = Array.from({ length: 50 }, (_, index) => wrap(`${index}`.repeat(1_000)));
      await Promise.all(texts.map(async (text) => store.set(entryOf(0, { text }))));
      expectEqual(texts.includes((await store.get(digestOf(0))) as string), true, 'a text of one writer');
    }),
  ];
}

const digestOf = (index: number): string => index.toString(16).padStart(64, '0');

/** Stores may assume JSON text with all else escaped, as `StoreCache` gives it. */
const wrap = (text: string): string => JSON.stringify({ text });

function entryOf(index: number, more: Partial<StoreEntry> = {}): StoreEntry {
  const digest = digestOf(index);
  const entry = { digest, scope: 's', model: 'm', tags: [], dropAt: Date.now() + 60_000, ...more };
  return { text: wrap(`text ${index}`), ...entry };
}
