// The same question again and again: asked cold, from memory, from a file, after a restart, and from Redis.
// With REDIS_URL set, it asks Redis too.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CacheStats, InMemoryCache, TieredCache } from '@pipewright/cache';
import { RedisCache } from '@pipewright/cache/redis';
import { SQLiteCache } from '@pipewright/cache/sqlite';
import { setLlmCache, type LlmCache } from '@pipewright/core';
import { ChatOpenAI } from '@pipewright/models/openai';
import { StringOutputParser } from '@pipewright/parsers';
import { ChatPromptTemplate } from '@pipewright/prompts';
import { connect } from './endpoint.js';
import { say } from './paragraph.js';
import { duration, stopwatch } from './progress.js';
import { heading, print, reportFailure, row } from './terminal.js';

const endpoint = await connect();
const folder = mkdtempSync(join(tmpdir(), 'pipewright-caching-'));
try {
  say(`Talking to ${endpoint.description}.`);

  const prompt = ChatPromptTemplate.fromTemplate('Tell me a short joke about {topic}');
  const model = new ChatOpenAI({ model: endpoint.model, configuration: { fetch: endpoint.fetch } });
  const chain = prompt.pipe(model).pipe(new StringOutputParser());
  const question = { topic: 'memory' };
  const stats = new CacheStats();

  /** Asks by `invoke`, then by `stream`, and prints a line of the table. */
  const ask = async (name: string): Promise<void> => {
    const before = endpoint.calls;
    let elapsed = stopwatch();
    await chain.invoke(question);
    const invoked = elapsed();
    elapsed = stopwatch();
    let firstToken = 0;
    for await (const _token of chain.stream(question)) firstToken ||= elapsed();
    const columns = [
      duration(invoked),
      duration(firstToken),
      duration(elapsed()),
      `${endpoint.calls - before}`,
    ];
    line(name, columns);
  };

  /** Asks with a cache, twice when the first time fills it. */
  const askWith = async (name: string, cache: LlmCache, isFilled = false): Promise<void> => {
    setLlmCache(cache, { onEvent: stats.count });
    if (!isFilled) await chain.invoke(question);
    await ask(name);
  };

  heading('One question, asked once whole and once as a stream');
  line('', ['invoke', '1st token', 'stream', 'model calls']);
  await ask('no cache');
  await askWith('memory', new InMemoryCache());

  const path = join(folder, 'answers.db');
  const file = new SQLiteCache({ path });
  await askWith('SQLite', file);
  file.close();

  const reopened = new SQLiteCache({ path });
  await askWith('after a restart', reopened, true);
  await askWith('memory + SQLite', new TieredCache([new InMemoryCache(), reopened]), true);
  reopened.close();

  const { REDIS_URL } = process.env;
  if (REDIS_URL !== undefined) {
    const redis = new RedisCache({ url: REDIS_URL, namespace: 'example', deadline: 2_000 });
    await redis.clear();
    await askWith('Redis', redis);
    await redis.clear();
    await redis.close();
  }

  heading('A hundred people ask the same new question at once');
  setLlmCache(new InMemoryCache(), { onEvent: stats.count });
  const before = endpoint.calls;
  const elapsed = stopwatch();
  await Promise.all(Array.from({ length: 100 }, () => chain.invoke({ topic: 'queues' })));
  row('together', duration(elapsed()), `calls to the model: ${endpoint.calls - before}`);

  heading('What the caches did');
  const { hits, coalesced, misses, avoided } = stats.report();
  row('hits', `${hits}, of which ${coalesced} waited for a call under way`);
  row('misses', `${misses}`);
  row('tokens avoided', `${avoided.inputTokens + avoided.outputTokens}`);
  if (REDIS_URL === undefined)
    say('Redis was left out: set REDIS_URL, as in REDIS_URL=redis://127.0.0.1:6379.');
} catch (error) {
  reportFailure(error);
} finally {
  setLlmCache(null);
  await endpoint.close();
  rmSync(folder, { recursive: true, force: true });
}

/** A line of the table: a name and right-aligned columns. */
function line(name: string, columns: readonly string[]): void {
  print(`   ${name.padEnd(16)}${columns.map((text) => text.padStart(12)).join('')}\n`);
}
