// Programs of our own in other processes, so that they can be killed and can compete.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('..', import.meta.url));
const packages = fileURLToPath(new URL('../..', import.meta.url));

export type Child = ChildProcessWithoutNullStreams;

/** Bundles a TypeScript program, which may import our sources from './src/...'; gives the file to run. */
export async function bundle(name: string, program: string): Promise<{ path: string; remove(): void }> {
  const esbuild = createRequire(join(home, '../../package.json'))('esbuild') as {
    build(options: object): Promise<unknown>;
  };
  // Inside the package, where its libraries are found.
  const folder = join(home, 'node_modules', `.test-${process.pid}-${name}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.mjs`);
  await esbuild.build({
    stdin: { contents: program, resolveDir: home, loader: 'ts' },
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['libsql', 'better-sqlite3', 'redis', 'ioredis'],
    alias: {
      '@pipewright/core/testing': join(packages, 'core/src/testing/index.ts'),
      '@pipewright/core': join(packages, 'core/src/index.ts'),
    },
    logLevel: 'error',
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function run(path: string, ...args: string[]): Child {
  return spawn(process.execPath, ['--no-warnings', path, ...args]);
}

/** Everything a child prints, however it ended. */
export async function finished(
  child: Child,
): Promise<{ output: string; errors: string; code: number | null }> {
  const texts = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (texts.output += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (texts.errors += part));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { ...texts, code };
}

/** What a child prints that ends well; one that does not says why. */
export async function succeeded(child: Child): Promise<string> {
  const { output, errors, code } = await finished(child);
  if (code !== 0) throw new Error(`A program ended with ${code}: ${errors}`);
  return output;
}
