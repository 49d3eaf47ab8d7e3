import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { called, made, registry, storedText } from '../../test/holder.js';
import * as core from '../index.js';
import { DeserializationError, dumps, loads, RunnableLambda } from '../index.js';

describe('S2', () => {
  test('only the public entry point imports what revives, and no code of ours calls it', () => {
    const importers = (name: string): string[] => {
      const root = new URL('../../../', import.meta.url);
      return readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path) && !/\.test(-d)?\.ts$/.test(path))
        .filter((path) =>
          new RegExp(`from '[^']*/${name}\\.js'`).test(readFileSync(new URL(path, root), 'utf8')),
        );
    };
    expect(importers('reviver')).toEqual(['core/src/serialization/loads.ts']);
    expect(importers('loads')).toEqual(['core/src/index.ts']);
  });

  test('a text that names every export makes nothing that the registry does not allow', () => {
    made.length = 0;
    for (const kind of [...Object.keys(core), 'Object', 'Function', 'constructor', 'toString', '__proto__']) {
      for (const root of [{ kind }, { name: kind }]) {
        const text = storedText(JSON.stringify(root));
        expect(() => loads(text, { registry: [] })).toThrow(DeserializationError);
        expect(() =>
          loads(text, { registry: { kinds: {}, functions: {}, schemas: {}, runnables: {} } }),
        ).toThrow(DeserializationError);
      }
    }
    expect(made).toEqual([]);
  });
});

test('S5: loading runs no code that came as data', () => {
  const folder = new URL('./', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => !name.includes('.test.'))) {
    const source = readFileSync(new URL(file, folder), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
    expect(source, file).not.toMatch(
      /\beval\b|\bFunction\b|\bimport\(|\brequire\b|\bprocess\b|globalThis|from 'node:|\.env\b/,
    );
  }
});

test('RunnableLambda of the registry is called by nobody while it loads', () => {
  made.length = 0;
  loads(dumps(RunnableLambda.from(called)), { registry });
  expect(made).toEqual(['RunnableLambda']);
});
