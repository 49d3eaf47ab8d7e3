import type { LlmCache, LlmRecord } from '@pipewright/core';
import { isPortable } from '../portable-cache.js';
import { expectEqual, expectTrue, type Rule } from './expect.js';
import { modelRules } from './model-rules.js';
import { portableRules } from './portable-rules.js';
import { clearRules, deleteRules, invalidateRules } from './dropping-rules.js';
import { contentAt, record, requestOf } from './requests.js';

/** What the contract has to know of the cache under test. */
export interface CacheContractOptions {
  /** Closes the cache and opens it again, if it keeps answers longer than a process. */
  readonly reopen?: (cache: LlmCache) => Promise<LlmCache>;
}

/**
 * The rules that every cache keeps, as tests. Rules about optional methods are left out for a cache without them.
 *
 * @param make - makes an empty cache, called for every rule
 *
 * @example
 * ```ts
 * import type { LlmRecord } from '@pipewright/core';
 * import { cacheContract } from '@pipewright/cache/testing';
 *
 * const rules = await cacheContract(() => {
 *   const records = new Map<string, string>();
 *   return {
 *     lookup: ({ key }) => JSON.parse(records.get(key) ?? 'null') as LlmRecord,
 *     update: ({ key }, record) => void records.set(key, JSON.stringify(record)),
 *   };
 * });
 * for (const rule of rules) await rule.check();
 * ```
 */
export async function cacheContract(
  make: MakeCache,
  options: CacheContractOptions = {},
): Promise<readonly Rule[]> {
  const probe = await make();
  const can = (method: keyof LlmCache): boolean => typeof probe[method] === 'function';
  const [canClear, canDelete, canInvalidate] = [can('clear'), can('delete'), can('invalidate')];
  await probe.close?.();
  const rule = (name: string, check: (cache: LlmCache) => Promise<unknown>): Rule => ({
    name,
    check: async () => {
      const cache = await make();
      try {
        await check(cache);
      } finally {
        await cache.close?.();
      }
    },
  });
  return [
    ...directRules(rule),
    ...modelRules(rule),
    ...(canDelete ? deleteRules(rule) : []),
    ...(canClear ? clearRules(rule) : []),
    ...(canInvalidate ? invalidateRules(rule) : []),
    ...(isPortable(probe) ? portableRules(rule, make) : []),
    ...(options.reopen ? [reopenRule(make, options.reopen)] : []),
  ];
}

export type MakeCache = () => LlmCache | Promise<LlmCache>;

/** Makes a rule from a check of a fresh cache. */
export type MakeRule = (name: string, check: (cache: LlmCache) => Promise<unknown>) => Rule;

function directRules(rule: MakeRule): Rule[] {
  return [
    rule('what was put in comes out unchanged, whatever it holds', async (cache) => {
      const odd = [
        '',
        ' ',
        '\0',
        '\r\n*1\r\n$8\r\nFLUSHALL\r\n',
        "'; DROP TABLE entries; --",
        '%_*?',
        '\ud800',
        '\u{1f600}',
        '__proto__',
      ]; // prettier-ignore
      for (const text of odd) {
        const kept: LlmRecord = {
          ...record(text),
          message: {
            content: [{ type: 'text', text }],
            additional_kwargs: { [text]: [null, true, 0, -1.5, { deep: { [text]: text } }] },
            tool_calls: [{ id: text, name: text, args: JSON.parse('{"__proto__":1}') as object as never }],
            usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
          },
          pieces: [1, 2, 3],
          tags: [text],
        };
        await cache.update(requestOf(text), kept);
        // A cache may say until when it keeps what does not say so itself.
        const { expiresAt: _expiresAt, ...found } = { ...(await cache.lookup(requestOf(text))) };
        expectEqual(found, kept, `the record for ${JSON.stringify(text)}`);
      }
    }),
    rule('what was never put in is undefined', async (cache) => {
      expectEqual(
        (await cache.lookup(requestOf('unknown'))) ?? undefined,
        undefined,
        'lookup of an unknown request',
      );
    }),
    rule('a later answer replaces the earlier one', async (cache) => {
      await cache.update(requestOf('a'), record('1'.repeat(1_000)));
      await cache.update(requestOf('a'), record('2'));
      expectEqual(await contentAt(cache, requestOf('a')), '2', 'lookup after two updates');
    }),
    rule('F122: a key of 1 MB is as good as any', async (cache) => {
      const long = 'x'.repeat(1_000_000);
      await cache.update(requestOf(`${long}a`), record('a'));
      await cache.update(requestOf(`${long}b`), record('b'));
      expectEqual(await contentAt(cache, requestOf(`${long}a`)), 'a', 'lookup by a long key');
    }),
    rule('C5: scopes that look alike never meet', async (cache) => {
      const scopes = [
        '',
        'acme',
        'acme-corp',
        'ACME',
        'acme%',
        'ac_e',
        'acme*',
        'acm?',
        'acm\u00e9',
        'acme\u0301',
        'acme\0',
        'acme\ud83c',
        'acme\ud83d',
        'acme\ufffd',
      ];
      for (const scope of scopes) await cache.update(requestOf('a', { scope }), record(`of ${scope}`));
      for (const scope of scopes) {
        expectEqual(
          await contentAt(cache, requestOf('a', { scope })),
          `of ${scope}`,
          `lookup in scope ${scope}`,
        );
      }
    }),
    rule('D39: a record past its time is not given', async (cache) => {
      const past = Date.now() - 1;
      await cache.update(requestOf('a'), record('a', { expiresAt: past }));
      const found = (await cache.lookup(requestOf('a'))) ?? undefined;
      expectTrue(found === undefined || found.expiresAt === past, 'a record past its time came back renewed');
    }),
    rule('editing a record that was put in, or came out, changes nothing kept', async (cache) => {
      const kept = record('a', { message: { content: 'a', additional_kwargs: { x: { y: 1 } } } });
      await cache.update(requestOf('a'), kept);
      const edit = (found: LlmRecord | undefined) => {
        // A cache may also give what cannot be edited.
        Reflect.set((found?.message.additional_kwargs?.x ?? {}) as object, 'y', 2);
      };
      edit(kept);
      edit(await cache.lookup(requestOf('a')));
      const found = await cache.lookup(requestOf('a'));
      expectEqual(found?.message.additional_kwargs, { x: { y: 1 } }, 'lookup after edits');
    }),
    rule('F117: a hundred writers at once leave one whole answer', async (cache) => {
      const texts = Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(500, 'x'));
      await Promise.all(texts.map(async (text) => cache.update(requestOf('a'), record(text))));
      expectTrue(texts.includes((await contentAt(cache, requestOf('a'))) as string), 'a mixed answer');
    }),
  ];
}

function reopenRule(make: MakeCache, reopen: (cache: LlmCache) => Promise<LlmCache>): Rule {
  return {
    name: 'answers outlive the process',
    check: async () => {
      const first = await make();
      await first.update(requestOf('a'), record('a'));
      const second = await reopen(first);
      expectEqual(await contentAt(second, requestOf('a')), 'a', 'lookup after reopening');
      await second.close?.();
    },
  };
}
