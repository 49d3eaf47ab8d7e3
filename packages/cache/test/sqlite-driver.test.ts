import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '@pipewright/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteDriver } from '../src/sqlite.js';
import { bundle, run, succeeded } from './child.js';

test('F107: a library that is not there is named, with what to do', () => {
  expect(() => sqliteDriver('better-sqlite3')).toThrow(ConfigError);
  expect(() => sqliteDriver('better-sqlite3')).toThrow(/install better-sqlite3 or libsql/);
});

/** What Node says when it is given a binding that was built for another version of it. */
const OTHER_VERSION = `const error = new Error(
  "The module '/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node'\\n" +
  'was compiled against a different Node.js version using\\nNODE_MODULE_VERSION 108. This version of Node.js requires\\n' +
  'NODE_MODULE_VERSION ' + process.versions.modules + '. Please try re-compiling or re-installing\\nthe module.');
error.code = 'ERR_DLOPEN_FAILED';`;

/** Ways in which a library with a binding fails to load. */
const LIBRARIES: Readonly<Record<string, string>> = {
  'built for another Node, loaded with the library': `${OTHER_VERSION} throw error;`,
  'built for another Node, loaded with the first database': `module.exports = class Database { constructor() { ${OTHER_VERSION} throw error; } };`,
  'not a binding at all': "module.exports = require('./binding.node');",
};

const PROGRAM = `
  import { tmpdir } from 'node:os';
  import { mkdtempSync } from 'node:fs';
  import { join } from 'node:path';
  import { FileCache } from './src/file.js';
  import { InMemoryCache } from './src/index.js';
  import { SQLiteCache, sqliteDriver } from './src/sqlite.js';
  import { record, request } from './test/requests.js';
  const folder = mkdtempSync(join(process.argv[2], 'stores-'));
  const works = (cache) => { cache.update(request('a'), record('a')); return cache.lookup(request('a')) !== undefined; };
  const report = { others: [works(new InMemoryCache()), works(new FileCache({ path: join(folder, 'files') }))] };
  try { new SQLiteCache({ path: join(folder, 'named.db'), driver: 'better-sqlite3' }); } catch ({ code, message }) {
    Object.assign(report, { code, message });
  }
  // The library that is broken is passed over where there is another one.
  report.fallback = works(new SQLiteCache({ path: join(folder, 'any.db') }));
  console.log(JSON.stringify(report));
`;

describe('F107: a library whose binding does not load', () => {
  let program: { readonly path: string; remove(): void };
  beforeAll(async () => {
    program = await bundle('driver', PROGRAM);
  });
  afterAll(() => program.remove());

  test.each(Object.keys(LIBRARIES))('%s: a ConfigError says so, and other stores go on', async (name) => {
    const library = join(dirname(program.path), 'node_modules/better-sqlite3');
    mkdirSync(library, { recursive: true });
    writeFileSync(join(library, 'package.json'), '{ "version": "12.0.0", "main": "index.cjs" }');
    writeFileSync(join(library, 'index.cjs'), LIBRARIES[name] as string);
    writeFileSync(join(library, 'binding.node'), 'not a binding');
    const output = await succeeded(run(program.path, dirname(program.path)));
    const report = JSON.parse(output) as Record<'code' | 'message', string>;
    expect(report).toMatchObject({ others: [true, true], fallback: true, code: 'INVALID_CONFIG' });
    expect(report.message).toContain('install better-sqlite3 or libsql');
    expect(report.message).toMatch(/NODE_MODULE_VERSION 108.*requires NODE_MODULE_VERSION|binding\.node/);
  });
});
