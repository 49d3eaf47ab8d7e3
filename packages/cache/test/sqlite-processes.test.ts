import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SQLiteCache, sqliteDriver } from '../src/sqlite.js';
import { bundle, finished, run, succeeded } from './child.js';
import { record, request } from './requests.js';
import { libraries, newPath } from './sqlite-databases.js';
import { writeSchema1 } from './sqlite-schema-1.js';

const WRITER = `
  import { writeSync } from 'node:fs';
  import { SQLiteCache } from './src/sqlite.js';
  import { record, request } from './test/requests.js';
  const [path, name, count] = process.argv.slice(2);
  const events = [];
  const cache = new SQLiteCache({ path, onEvent: ({ type }) => events.push(type) });
  for (let index = 0; index < Number(count); index += 1) {
    cache.update(request(name + index), record('answer ' + name + index));
    writeSync(1, index + '\\n');
  }
  cache.close();
  writeSync(1, JSON.stringify(events) + '\\n');
`;

test('F100: 60 times kill -9 while writing loses no acknowledged answer', async () => {
  const rounds = Number(process.env.PIPEWRIGHT_KILL_ROUNDS ?? 60);
  const program = await bundle('writer', WRITER);
  const path = newPath();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const child = run(program.path, path, `r${round}-`, '100000');
      let acknowledged = '';
      const target = 1 + Math.floor(Math.random() * 40);
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (part: Buffer) => {
          acknowledged += part.toString();
          if (acknowledged.split('\n').length > target) child.kill('SIGKILL');
        });
        child.on('close', () => resolve());
      });
      const count = acknowledged.split('\n').length - 1;
      expect(count).toBeGreaterThan(0);
      const cache = new SQLiteCache({ path });
      for (let index = 0; index < count; index += 1) {
        const key = `r${round}-${index}`;
        expect(cache.lookup(request(key))?.valueOf()).toMatchObject({
          message: { content: `answer ${key}` },
        });
      }
      cache.close();
    }
    const raw = sqliteDriver()(path);
    expect(raw.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
    raw.close();
  } finally {
    program.remove();
  }
}, 120_000);

test('F099: four processes write one new file: no BUSY comes out, no answer is lost, all libraries read the same', async () => {
  const count = Number(process.env.PIPEWRIGHT_WRITES ?? 1_000);
  const program = await bundle('writers', WRITER);
  const path = newPath();
  const names = ['a', 'b', 'c', 'd'];
  try {
    const children = names.map((name) => succeeded(run(program.path, path, name, `${count}`)));
    for (const output of await Promise.all(children)) {
      const lines = output.trim().split('\n');
      expect(lines).toHaveLength(count + 1);
      expect(lines.at(-1)).toBe('[]');
    }
    for (const driver of libraries) {
      const cache = new SQLiteCache({ path, driver });
      for (const name of names) {
        for (let index = 0; index < count; index += 1) {
          const content = (await cache.lookup(request(name + index)))?.message.content;
          if (content !== `answer ${name}${index}`)
            throw new Error(`${name}${index} is ${JSON.stringify(content)}`);
        }
      }
      cache.close();
    }
  } finally {
    program.remove();
  }
}, 300_000);

test('F104: four processes make a file anew at once beside what a deleted one has left: no answer is lost', async () => {
  const program = await bundle('anew', WRITER);
  const names = ['a', 'b', 'c', 'd'];
  try {
    for (let round = 0; round < 3; round += 1) {
      const path = newPath();
      const killed = new SQLiteCache({ path });
      killed.update(request('old'), record('old'));
      const left = ['-wal', '-shm'].map((suffix) => [path + suffix, readFileSync(path + suffix)] as const);
      killed.close();
      rmSync(path);
      for (const [file, bytes] of left) writeFileSync(file, bytes);
      const children = names.map((name) => succeeded(run(program.path, path, name, '20')));
      for (const output of await Promise.all(children)) expect(output.trim().split('\n').at(-1)).toBe('[]');
      const cache = new SQLiteCache({ path });
      for (const name of names) {
        for (let index = 0; index < 20; index += 1) expect(cache.lookup(request(name + index))).toBeDefined();
      }
      expect(cache.lookup(request('old'))).toBeUndefined();
      cache.close();
      const raw = sqliteDriver()(path);
      expect(raw.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
      raw.close();
    }
  } finally {
    program.remove();
  }
}, 120_000);

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
        prepare: (sql) => {
          dies(sql);
          const statement = database.prepare(sql);
          return {
            get: (...values) => statement.get(...values),
            all: (...values) => statement.all(...values),
            run: (...values) => { dies(sql); return statement.run(...values); },
          };
        },
        close: () => { dies('close'); database.close(); },
      };
    },
  });
  console.log('opened');
`;

test('F101: killed at any step of making or upgrading the file, it is whole afterwards', async () => {
  const program = await bundle('opener', OPENER);
  const bare = fileOf((path) => {
    const database = sqliteDriver()(path);
    database.exec('PRAGMA application_id = 1886872424; CREATE TABLE leftover (x)');
    database.close();
  });
  const schema1 = fileOf((path) => writeSchema1(path, ['a', 'b', 'c']));
  try {
    for (const old of [undefined, 0, 1]) {
      for (let step = 1; ; step += 1) {
        const path = newPath();
        if (old === 0) writeFileSync(path, bare);
        if (old === 1) writeFileSync(path, schema1);
        const { output } = await finished(run(program.path, path, `${step}`));
        // Whoever sees the file finds it switched: SQLite refuses to, where several would.
        if (old === undefined && existsSync(path)) expect(journalOf(path)).toBe('write-ahead');
        expect((await succeeded(run(program.path, path, '0'))).trim()).toBe('opened');
        const raw = sqliteDriver()(path);
        expect(raw.prepare('SELECT entries FROM totals').get()).toMatchObject({ entries: old === 1 ? 3 : 0 });
        raw.close();
        if (output.includes('opened')) break;
        expect(step).toBeLessThan(100);
      }
    }
  } finally {
    program.remove();
  }
}, 300_000);

function fileOf(write: (path: string) => void): Buffer {
  const path = newPath();
  write(path);
  return readFileSync(path);
}

/** As the file's header has it. */
const journalOf = (path: string): string | undefined =>
  ({ 1: 'rollback', 2: 'write-ahead' })[readFileSync(path)[18] as number];
