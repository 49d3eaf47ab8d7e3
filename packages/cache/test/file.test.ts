import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AIMessage, CacheError, CacheMissError, ConfigError } from '@pipewright/core';
import { ScriptedChatModel } from '@pipewright/core/testing';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { FileStore } from '../src/file-store.js';
import { cassette, FileCache, type FileCacheOptions } from '../src/file.js';
import { cacheContract, storeContract } from '../src/testing/index.js';
import { record, request } from './requests.js';

const root = mkdtempSync(join(tmpdir(), 'pipewright-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(root, `answers-${(folders += 1)}`);
const files = (path: string) => readdirSync(path).map((name) => join(path, name));

describe('the contract of caches', async () => {
  const paths = new WeakMap<object, string>();
  const make = () => {
    const path = newFolder();
    const cache = new FileCache({ path });
    paths.set(cache, path);
    return cache;
  };
  const reopen = async (cache: object) => new FileCache({ path: paths.get(cache) as string });
  for (const { name, check } of await cacheContract(make, { reopen })) test(name, check);
});

describe('the contract of stores', () => {
  for (const { name, check } of storeContract(() => new FileStore(newFolder(), 1_000))) test(name, check);
});

test('F094: every single-byte change of a file is a miss', () => {
  const path = newFolder();
  const cache = new FileCache({ path });
  cache.update(request('a'), record('a'));
  const [file] = files(path) as [string];
  const whole = readFileSync(file);
  for (let place = 0; place < whole.length; place += 1) {
    const damaged = Buffer.from(whole);
    damaged[place] = (damaged[place] as number) ^ 1;
    writeFileSync(file, damaged);
    if (cache.lookup(request('a')) !== undefined) throw new Error(`byte ${place} was not noticed`);
  }
});

test('C9: the oldest go when there are too many; C10: for the owner only', () => {
  const path = newFolder();
  const cache = new FileCache({ path, maxEntries: 20 });
  for (let index = 0; index < 100; index += 1) cache.update(request(`${index}`), record('x'));
  expect(files(path).length).toBeLessThanOrEqual(20);
  expect(cache.lookup(request('99'))).toBeDefined();
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(files(path)[0] as string).mode & 0o777).toBe(0o600);
  const link = newFolder();
  symlinkSync(path, link);
  expect(() => new FileCache({ path: link })).toThrow(ConfigError);
  expect(() => new FileCache({ path: '' })).toThrow(ConfigError);
});

test('F120: answers end when they say so, or with the ttl, and never otherwise', () => {
  const path = newFolder();
  let now = Date.now();
  // An option may be given as undefined from JavaScript.
  const open = (ttl: number | undefined) =>
    new FileCache({ path, clock: () => now, ttl } as FileCacheOptions);
  const [cache, brief] = [open(undefined), open(1_000)];
  cache.update(request('a'), record('a'));
  cache.update(request('b'), record('b', { expiresAt: now + 2_000 }));
  brief.update(request('c'), record('c'));
  const found = () => ['a', 'b', 'c'].filter((key) => cache.lookup(request(key)) !== undefined).join('');
  expect(found()).toBe('abc');
  now += 1_000;
  expect(found()).toBe('ab');
  now += 100 * 365 * 86_400_000;
  expect(found()).toBe('a');
});

describe('record and replay', () => {
  afterEach(() => void vi.useRealTimers());

  test('what was recorded is replayed, to invoke, stream and batch; the rest fails without asking', async () => {
    const path = newFolder();
    const recorded = new ScriptedChatModel({
      replies: [['Hel', 'lo'], 'two'],
      cache: cassette({ path, mode: 'record' }),
    });
    await recorded.stream('a').final;
    await recorded.invoke('b');
    const model = new ScriptedChatModel({ replies: [], cache: cassette({ path, mode: 'replay' }) });
    const pieces: string[] = [];
    for await (const { text } of model.stream('a')) pieces.push(text);
    expect(pieces).toEqual(['Hel', 'lo']);
    expect((await model.batch(['b', 'a'])).map(({ text }) => text)).toEqual(['two', 'Hello']);
    await expect(model.invoke('c')).rejects.toThrow(CacheMissError);
    await expect(model.stream('c').final).rejects.toThrow(CacheMissError);
    expect(model.calls).toHaveLength(0);
  });

  test.each(['2020-01-01', '2060-01-01'])('what was recorded is replayed at any time: %s', async (time) => {
    const path = newFolder();
    const recorded = new ScriptedChatModel({ replies: ['x'], cache: cassette({ path, mode: 'record' }) });
    await recorded.invoke('a');
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(time) });
    const model = new ScriptedChatModel({ replies: [], cache: cassette({ path, mode: 'replay' }) });
    expect((await model.invoke('a')).text).toBe('x');
  });

  test.each([
    ['is cut off', { response_metadata: { finish_reason: 'length' } }, {}],
    ['is not plain data', { response_metadata: { at: new Date(0) } }, {}],
    ['is to a call that cannot be cached', {}, { modelKwargs: { at: () => 0 } }],
  ])('an answer that %s cannot be recorded, and is noticed', async (_what, fields, config) => {
    const cache = cassette({ path: newFolder(), mode: 'record' });
    const answer = new AIMessage({ content: 'x', ...fields });
    const model = new ScriptedChatModel({ replies: [answer, answer], cache });
    await expect(model.invoke('a', config)).rejects.toThrow(CacheError);
    await expect(model.stream('a', config).final).rejects.toThrow(CacheError);
  });

  test('an answer of any size is recorded, and none makes room for others', async () => {
    const path = newFolder();
    mkdirSync(path);
    for (let index = 0; index < 10_000; index += 1) {
      writeFileSync(join(path, `${index.toString(16).padStart(64, '0')}.answer`), '');
    }
    const long = 'x'.repeat(2 ** 20);
    const recorded = new ScriptedChatModel({ replies: [long], cache: cassette({ path, mode: 'record' }) });
    await recorded.invoke('a');
    expect(files(path)).toHaveLength(10_001);
    const replayed = new ScriptedChatModel({ replies: [], cache: cassette({ path, mode: 'replay' }) });
    expect((await replayed.invoke('a')).text).toBe(long);
  });

  test('a recording that cannot be written is noticed', async () => {
    const path = newFolder();
    const model = new ScriptedChatModel({ replies: ['x'], cache: cassette({ path, mode: 'record' }) });
    rmSync(path, { recursive: true });
    await expect(model.invoke('a')).rejects.toThrow(CacheError);
    mkdirSync(path);
  });
});
