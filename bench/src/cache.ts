// What the cache costs, beside @langchain/core, bare SQLite and bare Redis, in one process. Fails where it costs too much.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemoryCache as TheirCache } from '@langchain/core/caches';
import { StringOutputParser as TheirParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate as TheirPrompt } from '@langchain/core/prompts';
import { FakeListChatModel as TheirModel } from '@langchain/core/utils/testing';
import { InMemoryCache } from '@pipewright/cache';
import { RedisCache } from '@pipewright/cache/redis';
import { SQLiteCache, sqliteDriver } from '@pipewright/cache/sqlite';
import { llmRequest, type LlmCache, type LlmRequest } from '@pipewright/core';
import { FakeListChatModel } from '@pipewright/core/testing';
import { StringOutputParser } from '@pipewright/parsers';
import { ChatPromptTemplate } from '@pipewright/prompts';
import { createClient } from 'redis';
import { compare, demand, print, type Contender } from './ratio.js';

/** How many times cheaper than in @langchain/core a hit of a whole chain in memory has to be. */
const LANGCHAIN_FACTOR = 10;
/** What a miss in memory may cost on top of the call. */
const MISS_MICROS = 20;
/** What a hit may cost in the time of a bare prepared SELECT, and of a bare GET. */
const SQLITE_FACTOR = 3;
const REDIS_FACTOR = 1.5;

const ANSWER = 'The capital is a city with a long history, many bridges and good bread. '.repeat(12);

/** Told from other models by as much as a real one is. */
class Model extends FakeListChatModel {
  override identity() {
    return { provider: 'fake', model: 'model-1', temperature: 0 };
  }
}

const SHORT = 'What is the capital of {country}?';
const SYSTEM =
  'You answer questions of customers about our travel offers. Be friendly and brief. Answer only from the notes. ' +
  'If the notes do not say, say that you will ask a colleague. Never promise prices. '.repeat(4);
const CONVERSATION: [string, string][] = [
  ['system', SYSTEM],
  ['human', 'Hello! I would like to travel in spring.'],
  ['ai', 'How nice! Which country do you have in mind, and for how long would you like to stay?'],
  ['human', 'For about ten days. We are two adults and a child, and we like walking and good food.'],
  ['ai', 'Then I can recommend our walking tours, which have shorter routes for children as well.'],
  ['human', 'What can you offer in {country}?'],
];

function chainWith(cache: LlmCache | false, messages: [string, string][] = [['human', SHORT]]) {
  const model = new Model({ responses: [ANSWER], cache });
  return ChatPromptTemplate.fromMessages(messages as never)
    .pipe(model)
    .pipe(new StringOutputParser());
}

const times = (run: (index: number) => unknown) => async (count: number) => {
  for (let index = 0; index < count; index += 1) await run(index);
};

async function report(title: string, contenders: Contender[], count: number): Promise<readonly number[]> {
  const comparison = await compare(contenders, count);
  print(title, contenders, comparison);
  return comparison.ratios;
}

async function wholeChain(title: string, messages: [string, string][]): Promise<void> {
  const ours = chainWith(new InMemoryCache(), messages);
  const theirModel = new TheirModel({ responses: [ANSWER], cache: new TheirCache() } as never);
  const theirs = TheirPrompt.fromMessages(messages).pipe(theirModel).pipe(new TheirParser());
  const input = { country: 'France' };
  const run = (): Promise<string> => ours.invoke(input as never) as Promise<string>;
  const [, ratio = 0] = await report(
    `A hit of prompt, model and parser, in memory: ${title}`,
    [
      { name: 'invoke()', run: times(run) },
      { name: '@langchain/core, invoke()', run: times(() => theirs.invoke(input)) },
      { name: 'invokeSync()', run: times(() => ours.invokeSync(input as never)) },
    ],
    3_000,
  );
  demand(ratio >= LANGCHAIN_FACTOR, `it is to be ${LANGCHAIN_FACTOR}x cheaper than in @langchain/core.`);
}

async function miss(): Promise<void> {
  const [without, cached] = [chainWith(false), chainWith(new InMemoryCache())];
  let asked = 0;
  const contenders: Contender[] = [
    { name: 'no cache', run: times((index) => without.invoke({ country: `${index}` } as never)) },
    {
      name: 'a miss, and the answer kept',
      run: times(() => cached.invoke({ country: `${(asked += 1)}` } as never)),
    },
  ];
  const comparison = await compare(contenders, 10_000);
  print('A miss, in memory', contenders, comparison);
  const [bare, missed] = comparison.micros as [number, number];
  console.log(`  ${'cost of a miss'.padEnd(44)} ${(missed - bare).toFixed(3).padStart(10)} µs`);
  demand(missed - bare <= MISS_MICROS, `a miss is to cost ${MISS_MICROS} µs at most.`);
}

function request(): LlmRequest {
  const described = llmRequest(new FakeListChatModel({ responses: [] }), SHORT.repeat(8));
  if ('reason' in described) throw new Error(described.reason);
  return described.request;
}

const asked = request();
const record = { version: 1, message: { content: ANSWER }, createdAt: Date.now() } as const;

async function sqlite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewright-bench-'));
  const path = join(folder, 'cache.db');
  const cache = new SQLiteCache({ path });
  cache.update(asked, record);
  const bare = sqliteDriver()(path);
  const select = bare.prepare('SELECT text FROM entries WHERE digest = ?');
  const { digest } = bare.prepare('SELECT digest FROM entries').get() as { readonly digest: string };
  const [, ratio = 0] = await report(
    'A hit in SQLite',
    [
      { name: 'a bare prepared SELECT of the same row', run: times(() => select.get(digest)) },
      { name: 'lookup()', run: times(() => cache.lookup(asked)) },
    ],
    5_000,
  );
  demand(ratio <= SQLITE_FACTOR, `it is to cost ${SQLITE_FACTOR}x at most.`);
  bare.close();
  cache.close();
  rmSync(folder, { recursive: true });
}

async function redis(): Promise<void> {
  const port = await freePort();
  const server = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '']);
  server.on('error', () => console.log('\nA hit in Redis: redis-server is not installed'));
  await new Promise<void>((resolve) => {
    server.once('close', () => resolve());
    server.stdout.on('data', (text: Buffer) => text.includes('Ready to accept') && resolve());
  });
  if (server.exitCode !== null || server.pid === undefined) return;
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  await client.connect();
  const cache = new RedisCache({ client: client as never });
  await cache.update(asked, record);
  const [key = ''] = await client.keys('pipewright:*');
  const [, ratio = 0] = await report(
    'A hit in Redis',
    [
      { name: 'a bare GET of the same key', run: times(() => client.get(key)) },
      { name: 'lookup()', run: times(() => cache.lookup(asked)) },
    ],
    1_000,
  );
  demand(ratio <= REDIS_FACTOR, `it is to cost ${REDIS_FACTOR}x at most.`);
  client.destroy();
  server.kill();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

await wholeChain('one short question', [['human', SHORT]]);
await wholeChain('a conversation of six messages', CONVERSATION);
await miss();
await sqlite();
await redis();
