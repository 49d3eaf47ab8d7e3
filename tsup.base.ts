import { existsSync, readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

/**
 * The build of one package: ESM, CommonJS and declarations for each subpath in its `exports`.
 * The subpath `./testing` is built from `src/testing.ts` or `src/testing/index.ts`.
 */
export function packageBuild(options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: entries(),
    format: ['esm', 'cjs'],
    target: 'es2022',
    // Without splitting, each subpath would carry its own copy of a shared class and `instanceof` would fail.
    splitting: true,
    treeshake: true,
    sourcemap: true,
    clean: true,
    // tsup would turn 'node:sqlite' into 'sqlite', which does not exist.
    removeNodeProtocol: false,
    // Declarations are checked against the built siblings, as a user sees them; JavaScript builds skip them on request.
    dts: process.env.PIPEWRIGHT_DTS === 'off' ? false : { compilerOptions: { paths: {} } },
    silent: true,
    ...options,
  });
}

function entries(): Record<string, string> {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, unknown>;
  };
  const names = Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => (subpath === '.' ? 'index' : subpath.slice('./'.length)));
  return Object.fromEntries(names.map((name) => [name, sourceOf(name)]));
}

function sourceOf(name: string): string {
  const source = [`src/${name}.ts`, `src/${name}/index.ts`].find((path) => existsSync(path));
  if (!source)
    throw new Error(
      `package.json exports "./${name}", but neither src/${name}.ts nor src/${name}/index.ts exists`,
    );
  return source;
}
