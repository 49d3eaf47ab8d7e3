import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sqliteDriver } from '../src/sqlite.js';
import { bundle, finished, run } from './child.js';

const folder = mkdtempSync(join(tmpdir(), 'pipewright-processes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ASKER = `
  import { SQLiteCache } from './src/sqlite.js';
  import { FakeStreamingChatModel } from '@pipewright/core/testing';
  const [path, mode] = process.argv.slice(2);
  let calls = 0;
  class Model extends FakeStreamingChatModel {
    identity() { return {}; }
    async *streamChunks() {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield* super.streamChunks();
    }
  }
  const cache = new SQLiteCache({ path });
  const model = new Model({ chunks: ['an ', 'answer'], cache });
  const asks = Array.from({ length: 1000 }, () => (mode === 'invoke' ? model.invoke('Hi') : model.stream('Hi').final));
  const texts = new Set((await Promise.all(asks)).map(({ text }) => text));
  cache.close();
  console.log(JSON.stringify({ calls, texts: [...texts] }));
`;

test.each(['invoke', 'stream'])(
  'F118: 1,000 identical calls in each of two processes make at most two model calls, by %s',
  async (mode) => {
    const program = await bundle(`asker-${mode}`, ASKER);
    const path = join(folder, `${mode}.db`);
    try {
      const ended = await Promise.all([1, 2].map(() => finished(run(program.path, path, mode))));
      const reports = ended.map(({ output }) => JSON.parse(output) as { calls: number; texts: string[] });
      expect(reports.map(({ texts }) => texts)).toEqual([['an answer'], ['an answer']]);
      const calls = reports.reduce((sum, report) => sum + report.calls, 0);
      expect(calls).toBeGreaterThan(0);
      expect(calls).toBeLessThanOrEqual(2);
    } finally {
      program.remove();
    }
  },
  30_000,
);

const OPENER = `
  import { sqliteDriver } from './src/sqlite.js';
  import { SQLiteCache } from './src/sqlite.js';
  const open = sqliteDriver();
  const [path, at] = process.argv.slice(2);
  let count = 0;
  const dies = (sql) => { count += 1; if (count === Number(at)) process.kill(process.pid, 'SIGKILL'); };
  new SQLiteCache({
    path,
    driver: (file) => {
      const database = open(file);
      return {
        exec: (sql) => { dies(sql); database.exec(sql); },
        prepare: (sql) => { dies(sql); return database.prepare(sql); },
        close: () => { dies('close'); database.close(); },
      };
    },
  });
  console.log('opened');
`;

test('F101: killed at any step of making or upgrading the file, it is whole afterwards', async () => {
  const program = await bundle('opener', OPENER);
  try {
    for (const old of [false, true]) {
      for (let step = 1; ; step += 1) {
        const path = join(folder, `${old ? 'old' : 'new'}-${step}.db`);
        if (old) {
          const bare = sqliteDriver()(path);
          bare.exec('PRAGMA application_id = 1886872424; CREATE TABLE leftover (x)');
          bare.close();
        }
        const { output } = await finished(run(program.path, path, `${step}`));
        const again = await finished(run(program.path, path, '0'));
        expect(again.output.trim()).toBe('opened');
        const raw = sqliteDriver()(path);
        expect(raw.prepare('SELECT * FROM totals').get()).toMatchObject({ entries: 0, bytes: 0 });
        raw.close();
        if (output.includes('opened')) break;
        expect(step).toBeLessThan(60);
      }
    }
  } finally {
    program.remove();
  }
}, 60_000);
