// What each built entry costs a browser: bundled alone, minified, compressed. Other packages are left out.
// Fails when an entry that must run in browsers cannot be bundled for one, and when one grows over its budget.
import { readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './command.mjs';

/** Entries that may use Node's own modules, by their import path. */
const nodeOnly = [
  ...['file', 'redis', 'sqlite', 'store'].map((subpath) => `@pipewright/cache/${subpath}`),
  '@pipewright/core/node',
  '@pipewright/prompts/node',
];

/**
 * What the smallest imports cost. In one built file, a bundler can only leave out what it sees to have no effect: a call,
 * a spread or a member named by a symbol outside of functions brings along all that it mentions.
 */
const smallest = {
  'a lambda, sequence, parallel': ['core', 'RunnableLambda, RunnableParallel, RunnableSequence'],
  'a prompt': ['prompts', 'PromptTemplate'],
  'a parser': ['parsers', 'StringOutputParser'],
};

/** Gzipped, in kB of 1024 bytes. Why core's are what they are: docs/decisions/0015-size.md. */
const budgets = {
  'a lambda, sequence, parallel': 24,
  'a prompt': 5,
  'a parser': 1,
  '@pipewright/core': 55,
};

for (const [title, [folder, names]] of Object.entries(smallest)) {
  const contents = `export { ${names} } from './packages/${folder}/dist/index.js';`;
  await measure(title, 'browser', { stdin: { contents, resolveDir: root } });
}
for (const folder of readdirSync(`${root}packages`)) {
  const { name, exports } = JSON.parse(readFileSync(`${root}packages/${folder}/package.json`, 'utf8'));
  for (const [subpath, conditions] of Object.entries(exports)) {
    const entry = name + subpath.slice(1);
    if (!conditions.import) continue;
    const entryPoints = [`${root}packages/${folder}/${conditions.import.default}`];
    await measure(entry, nodeOnly.includes(entry) ? 'node' : 'browser', { entryPoints });
  }
}

async function measure(entry, platform, input) {
  const { outputFiles } = await build({
    ...input,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform,
    target: 'es2022',
    external: ['@pipewright/*', 'redis', 'rxjs', 'yaml'],
    logLevel: 'error',
  });
  const [code] = outputFiles.map(({ contents }) => contents);
  const sizes = { min: code.length, gzip: gzipSync(code).length, brotli: brotliCompressSync(code).length };
  const columns = Object.entries(sizes).map(
    ([kind, bytes]) => `${(bytes / 1024).toFixed(1).padStart(7)} kB ${kind}`,
  );
  console.log(entry.padEnd(30) + columns.join(''));
  const budget = budgets[entry];
  if (budget !== undefined && sizes.gzip > budget * 1024) {
    console.error(`${entry} is over its budget of ${budget} kB gzipped.`);
    process.exitCode = 1;
  }
}
