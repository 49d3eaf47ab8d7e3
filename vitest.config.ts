import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const packages = fileURLToPath(new URL('./packages', import.meta.url));

export default defineConfig({
  resolve: {
    // The same rule as `paths` in tsconfig.base.json: packages see each other's sources.
    alias: [
      { find: /^@pipewright\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` },
      { find: /^@pipewright\/([^/]+)\/(.+)$/, replacement: `${packages}/$1/src/$2` },
    ],
  },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'examples/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['./test/setup.ts'],
    // When something counts as hanging. No test measures time by it, and a busy machine makes all of them slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
    typecheck: {
      include: ['**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
    },
    coverage: {
      include: ['packages/*/src/**/*.ts'],
    },
  },
});
