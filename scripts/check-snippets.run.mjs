// Runs snippets, each in a thread of its own: it shares no global with the others, and can be stopped when it hangs.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { root } from './command.mjs';

const TIME_LIMIT_MS = 10_000;

/** What a thread does: run the module, and say when it has reached its end. */
const BOOT = `
  const { parentPort, workerData } = require('node:worker_threads');
  process.setSourceMapsEnabled(true);
  import(workerData).then(() => parentPort.postMessage('ended'));
`;

/**
 * Runs all of them, with a local model server for those that ask a model. Gives a line for each one that fails.
 * `resolveModule` finds the source file of an import of ours.
 */
export async function runSnippets(snippets, resolveModule) {
  const scratch = mkdtempSync(join(tmpdir(), 'pipewright-snippets-'));
  try {
    await bundle(snippets, resolveModule, scratch);
    const { startLocalModel } = await import(pathToFileURL(join(scratch, 'local-model.mjs')).href);
    const model = await startLocalModel({ firstTokenMs: 0, tokenMs: 0 });
    const env = {
      PATH: process.env.PATH,
      // Whatever they leave behind goes with the rest.
      TMPDIR: scratch,
      OPENAI_BASE_URL: model.baseURL,
      OPENAI_API_KEY: 'unused',
    };
    const failures = [];
    const waiting = [...snippets.entries()];
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, snippet] = next;
        const failure = await run(join(scratch, `${index}.mjs`), env);
        if (failure) failures[index] = describe(failure, snippet);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    await model.close();
    return failures.flat();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Writes each snippet, by its index, with all that it imports; and the local model server. */
async function bundle(snippets, resolveModule, outdir) {
  const plugin = {
    name: 'snippets',
    setup({ onResolve, onLoad }) {
      const bySpecifier = (specifier) => snippets[Number(specifier.slice('snippet:'.length))];
      onResolve({ filter: /^snippet:/ }, ({ path }) => ({
        path: bySpecifier(path).path,
        namespace: 'snippet',
        pluginData: bySpecifier(path).code,
      }));
      onLoad({ filter: /.*/, namespace: 'snippet' }, ({ path, pluginData }) => ({
        contents: pluginData,
        loader: 'ts',
        resolveDir: dirname(path),
      }));
      onResolve({ filter: /^@pipewright\// }, ({ path, importer }) => ({
        path: resolveModule(path, importer),
      }));
    },
  };
  await build({
    entryPoints: [
      ...snippets.map((_, index) => ({ in: `snippet:${index}`, out: String(index) })),
      { in: join(root, 'examples/src/local-model/server.ts'), out: 'local-model' },
    ],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    keepNames: true,
    sourcemap: 'linked',
    tsconfig: join(root, 'tsconfig.base.json'),
    plugins: [plugin],
    logLevel: 'error',
  });
}

/** Gives what went wrong, if anything did. */
function run(path, env) {
  const thread = new Worker(BOOT, {
    eval: true,
    workerData: pathToFileURL(path).href,
    env,
    stdout: true,
    stderr: true,
  });
  return new Promise((resolve) => {
    let ended = false;
    let failure;
    const timer = setTimeout(() => {
      failure = `has not ended within ${TIME_LIMIT_MS / 1000} s`;
      void thread.terminate();
    }, TIME_LIMIT_MS);
    thread.on('message', () => {
      ended = true;
    });
    thread.on('error', (error) => {
      failure = `throws ${error?.stack ?? String(error)}`;
    });
    thread.on('exit', (code) => {
      clearTimeout(timer);
      if (!failure && code !== 0) failure = `ends with exit code ${code}`;
      if (!failure && !ended) failure = 'stops in the middle: something it awaits never comes';
      resolve(failure);
    });
  });
}

/** With the line of the file that a stack points at, else the first of the snippet. */
function describe(failure, { file, line, path }) {
  const [, afterPath = ''] = failure.split(`${basename(path)}:`);
  const at = /^\d+/.exec(afterPath)?.[0] ?? line;
  return `${file}:${at} ${failure.replaceAll(`snippet:${path}`, file).replaceAll(root, '')}`;
}
