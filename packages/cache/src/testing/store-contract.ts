import type { Store, StoreEntry, StoreSize } from '../entry-store.js';
import { Envelope, type EntryFacts } from '../envelope.js';
import { expectEqual, expectTrue, type Rule } from './expect.js';

/**
 * The rules that every store keeps, as tests; those about optional methods are kept by a store without them. A store needs no rule about keys, versions or damage: `StoreCache` sees to
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
      const entries = texts.map((text, index) => entryOf(index, {}, text));
      for (const entry of entries) await store.set(entry);
      for (const { digest, text } of entries) expectEqual(await store.get(digest), text, `text of ${digest}`);
      expectEqual((await store.get(digestOf(99))) ?? undefined, undefined, 'an unknown digest');
    }),
    rule('replaces whole entries, tags and all', async (store) => {
      await store.set(entryOf(0, { tags: ['old'] }, 'long'.repeat(100)));
      const entry = entryOf(0, { tags: ['new'] }, 'short');
      await store.set(entry);
      expectEqual(await store.remove({ tag: 'old' }), 0, 'removed by the tag it had');
      expectEqual(await store.get(entry.digest), entry.text, 'the text');
    }),
    rule('deletes one entry, and says whether it was there', async (store) => {
      const [one, other] = [entryOf(0), entryOf(1)];
      for (const entry of [one, other]) await store.set(entry);
      expectEqual(await store.delete(one.digest), true, 'delete');
      expectEqual(await store.delete(one.digest), false, 'delete again');
      expectEqual(await store.get(other.digest), other.text, 'the other one');
    }),
    rule('removes by scope, model and tag, compared exactly', async (store) => {
      const names = [
        'a',
        'A',
        'ab',
        'a%',
        '%',
        '*',
        'a_',
        "a'",
        'a:b',
        'a\nb',
        '',
        '\ud83c',
        '\ud83d',
        '\ufffd',
      ];
      for (const [index, name] of names.entries()) {
        await store.set(entryOf(index, { scope: name, model: name, tags: [name, `${name}!`] }));
      }
      for (const name of ['%', '*', '', 'a', '\ud83c']) {
        expectEqual(
          await store.remove({ scope: name, model: name, tag: `${name}!` }),
          1,
          `removed for ${name}`,
        );
        expectEqual(await store.remove({ tag: name }), 0, `removed for ${name} again`);
      }
      expectEqual(await store.remove({ scope: 'A', model: 'ab' }), 0, 'removed by fields of two entries');
      expectEqual(await store.remove({}), names.length - 5, 'all the rest');
    }),
    rule('C9: is as empty as it was after adding and removing a lot', async (store) => {
      for (let index = 0; index < 300; index += 1)
        await store.set(entryOf(index, { tags: [`t${index % 3}`] }));
      let removed = 0;
      for (const tag of ['t0', 't1', 't2']) removed += await store.remove({ tag });
      expectEqual(removed, 300, 'removed in all');
    }),
    rule('writers at once leave one of their texts', async (store) => {
      const entries = Array.from({ length: 50 }, (_, index) => entryOf(0, {}, `${index}`.repeat(1_000)));
      await Promise.all(entries.map(async (entry) => store.set(entry)));
      const text = await store.get(digestOf(0));
      expectEqual(
        entries.some((entry) => entry.text === text),
        true,
        'a text of one writer',
      );
    }),
    rule('lists every text it keeps, and no other', async (store) => {
      if (store.texts === undefined) return;
      expectEqual(await listOf(store), [], 'the texts of an empty store');
      const entries = Array.from({ length: 250 }, (_, index) => entryOf(index));
      for (const entry of entries) await store.set(entry);
      await store.set(entryOf(0, {}, 'replaced'));
      await store.delete(digestOf(1));
      const expected = [entryOf(0, {}, 'replaced'), ...entries.slice(2)].map(({ text }) => text);
      expectEqual(await listOf(store), expected.sort(), 'the texts');
    }),
    rule('comes to the end of its texts, though they are written again meanwhile', async (store) => {
      const entries = [0, 1, 2].map((index) => entryOf(index));
      for (const entry of entries) await store.set(entry);
      let count = 0;
      for await (const text of store.texts?.() ?? []) {
        count += 1;
        expectTrue(count <= 100, 'the list of three texts goes on and on');
        await store.set(entries.find((entry) => entry.text === text) as StoreEntry);
      }
    }),
    rule('knows its size after adding, replacing and removing', async (store) => {
      const sizeIs = async (expected: StoreSize, what: string): Promise<void> => {
        const size = await store.size?.();
        expectEqual(size ?? expected, expected, what);
      };
      const bytes = (...entries: StoreEntry[]): number =>
        entries.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      const [one, replaced, other] = [
        entryOf(0),
        entryOf(0, {}, '\u00e9\u{1f600}'),
        entryOf(1, { tags: ['t'] }),
      ];
      await sizeIs({ entries: 0, bytes: 0 }, 'the size at first');
      for (const entry of [one, replaced, other]) await store.set(entry);
      await sizeIs({ entries: 2, bytes: bytes(replaced, other) }, 'the size with two');
      await store.remove({ tag: 't' });
      await sizeIs({ entries: 1, bytes: bytes(replaced) }, 'the size with one');
      await store.delete(replaced.digest);
      await sizeIs({ entries: 0, bytes: 0 }, 'the size of nothing');
    }),
  ];
}

const digestOf = (index: number): string => index.toString(16).padStart(64, '0');
const dropAt = Date.now() + 3_600_000;
const envelope = new Envelope({});

/** With a text as `StoreCache` gives it. */
function entryOf(index: number, more: Partial<EntryFacts> = {}, content = `text ${index}`): StoreEntry {
  const facts: EntryFacts = { digest: digestOf(index), scope: 's', model: 'm', tags: [], dropAt, ...more };
  return { ...facts, text: envelope.write(facts, { version: 1, message: { content } }) };
}

async function listOf(store: Store): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const text of store.texts?.() ?? []) texts.push(text);
  return texts.sort();
}
