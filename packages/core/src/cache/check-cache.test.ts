import { expect, test } from 'vitest';
import { ConfigError, getLlmCache, setLlmCache, type LlmCache } from '../index.js';

class WithTwoMethods implements LlmCache {
  lookup() {
    return undefined;
  }
  update() {}
}

/** With the methods of a cache of LangChain. */
class FromLangChain {
  async lookup(_prompt: string, _model: string) {
    return null;
  }
  async update(_prompt: string, _model: string, _generations: unknown) {}
}

test.each<[string, unknown]>([
  ['an empty object', {}],
  ['the class of a cache', WithTwoMethods],
  ["a cache of LangChain's", new FromLangChain()],
  ['options', { cache: new WithTwoMethods() }],
  ['true', true],
  ['a text', 'memory'],
])('%s is refused as the global cache, and the one before stays', (_what, given) => {
  const before = new WithTwoMethods();
  setLlmCache(before);
  try {
    expect(() => setLlmCache(given as LlmCache)).toThrow(ConfigError);
    expect(getLlmCache()).toBe(before);
  } finally {
    setLlmCache(null);
  }
});

test('two methods are a cache, and null or undefined are none', () => {
  for (const none of [null, undefined]) {
    setLlmCache(new WithTwoMethods());
    setLlmCache(none as null);
    expect(getLlmCache()).toBeNull();
  }
});
