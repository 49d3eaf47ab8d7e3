import { ConfigError, type LlmRecord, type LlmRequest } from '@pipewright/core';
import { InMemoryCache } from '../in-memory-cache.js';
import { isPortable, type ExportedEntry, type PortableCache } from '../portable-cache.js';
import type { MakeCache, MakeRule } from './cache-contract.js';
import { expectEqual, expectTrue, type Rule } from './expect.js';
import { contentAt, record, requestOf } from './requests.js';

export function portableRules(rule: MakeRule, make: MakeCache): Rule[] {
  const portableRule = (name: string, check: (cache: PortableCache) => Promise<void>): Rule =>
    rule(name, async (cache) => {
      if (isPortable(cache) && (await canList(cache))) await check(cache);
    });
  return [
    portableRule('stats count answers, their bytes, hits and misses', async (cache) => {
      const { entries, bytes, hits, misses } = await cache.stats();
      expectEqual({ entries, bytes, hits, misses }, { entries: 0, bytes: 0, hits: 0, misses: 0 }, 'at first');
      await cache.update(requestOf('a'), record('a'));
      const one = await cache.stats();
      await cache.update(requestOf('b'), record('b'.repeat(100)));
      const two = await cache.stats();
      expectEqual([one.entries, two.entries], [1, 2], 'entries');
      expectTrue(one.bytes > 0 && two.bytes >= one.bytes + 100, `bytes: ${one.bytes}, then ${two.bytes}`);
      for (const input of ['a', 'b', 'unknown']) await cache.lookup(requestOf(input));
      const used = await cache.stats();
      expectEqual([used.hits, used.misses], [2, 1], 'hits and misses');
      if (cache.clear === undefined) return;
      await cache.clear();
      const cleared = await cache.stats();
      expectEqual([cleared.entries, cleared.bytes], [0, 0], 'entries and bytes after clear');
    }),
    portableRule('an export is JSON that any cache takes over, scopes, tags and all', async (cache) => {
      const asked = requestOf('a', { scope: 's' });
      await cache.update(asked, record('in scope', { tags: ['x'] }));
      await cache.update(requestOf('a'), record('without', { expiresAt: Date.now() + 60_000 }));
      const exported = await exportOf(cache);
      expectEqual(exported.length, 2, 'how many were exported');
      const memory = new InMemoryCache();
      memory.import(exported);
      const again = (await make()) as PortableCache;
      try {
        await again.import(await exportOf(memory));
        for (const other of [memory, again]) {
          expectEqual(await endless(other, asked), await endless(cache, asked), 'the answer in the scope');
          expectEqual(await contentAt(other, requestOf('a')), 'without', 'the answer without');
          expectEqual(await contentAt(other, requestOf('b')), undefined, 'an answer that was never there');
          expectEqual((await exportOf(other)).length, 2, 'how many it exports again');
          expectEqual(
            (await other.invalidate?.({ scope: 's', tag: 'x' })) ?? 1,
            1,
            'dropped by scope and tag',
          );
        }
      } finally {
        await again.close?.();
      }
    }),
    portableRule('a cache takes over its own answers, and the export ends', async (cache) => {
      for (const input of ['a', 'b', 'c']) await cache.update(requestOf(input), record(input));
      let count = 0;
      const counted = async function* () {
        for await (const entry of cache.export()) {
          // Where it is scanned, an answer may come twice.
          expectTrue((count += 1) <= 100, 'an export of three answers goes on and on');
          yield entry;
        }
      };
      await cache.import(counted());
      expectEqual((await cache.stats()).entries, 3, 'how many there are then');
      expectEqual(await contentAt(cache, requestOf('b')), 'b', 'an answer');
    }),
    portableRule(
      'F120: what was imported ends when it would have ended where it came from',
      async (cache) => {
        const soon = Date.now() + 60_000;
        await cache.update(requestOf('a'), record('a', { expiresAt: soon }));
        const exported = await exportOf(cache);
        expectEqual(
          exported.map(({ dropAt }) => dropAt),
          [soon],
          'the ends of what was exported',
        );
        let now = Date.now();
        const memory = new InMemoryCache({ clock: () => now });
        memory.import(exported);
        expectEqual(await contentAt(memory, requestOf('a')), 'a', 'the answer before its end');
        now = soon;
        expectEqual(await contentAt(memory, requestOf('a')), undefined, 'the answer after its end');
      },
    ),
  ];
}

/** A record without its end: a cache may say until when it keeps what does not say so itself. */
async function endless(cache: PortableCache, request: LlmRequest): Promise<Partial<LlmRecord>> {
  const { expiresAt: _expiresAt, ...rest } = { ...(await cache.lookup(request)) };
  return rest;
}

/** A cache over a store that does not list its texts says so. */
async function canList(cache: PortableCache): Promise<boolean> {
  try {
    await exportOf(cache);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

async function exportOf(cache: PortableCache): Promise<readonly ExportedEntry[]> {
  const entries: ExportedEntry[] = [];
  for await (const entry of cache.export()) entries.push(entry);
  return JSON.parse(JSON.stringify(entries)) as readonly ExportedEntry[];
}
