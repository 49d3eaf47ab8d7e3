import { describe, expect, test } from 'vitest';
import { ConfigError, RunnableLambda, type RunnableConfig } from '../index.js';
import { FakeListChatModel } from '../testing/index.js';

const inc = RunnableLambda.from((x: number) => x + 1);

describe('config', () => {
  test.each([
    ['signal', new AbortController(), 'AbortSignal'],
    ['tags', 'support', 'array'],
    ['callbacks', { onStart: () => {} }, 'array'],
    ['metadata', 'support', 'object'],
    ['configurable', ['tenant'], 'object'],
    ['timeout', '5 s', 'milliseconds'],
    ['maxConcurrency', '5', 'whole number'],
    ['recursionLimit', {}, 'whole number'],
  ])('a value of %s that cannot work is refused, and told what to give', async (option, value, advice) => {
    const config = { [option]: value } as RunnableConfig;
    const refused = { name: 'ConfigError', option, message: expect.stringContaining(advice) };
    await expect(inc.invoke(1, config)).rejects.toMatchObject(refused);
    await expect(inc.batch([1], config)).rejects.toMatchObject(refused);
    await expect(inc.batch([1], [config])).rejects.toMatchObject(refused);
    expect(() => inc.invokeSync(1, config)).toThrow(expect.objectContaining(refused));
    expect(() => inc.stream(1, config)).toThrow(expect.objectContaining(refused));
    expect(() => inc.events(1, config)).toThrow(expect.objectContaining(refused));
    expect(() => inc.withConfig(config)).toThrow(expect.objectContaining(refused));
    const nesting = RunnableLambda.from((x: number, context) => inc.invoke(x, { ...context, ...config }));
    await expect(nesting.invoke(1)).rejects.toMatchObject(refused);
  });

  test.each(['text', 5, () => {}])('%s is refused as a config before anything is started', async (config) => {
    await expect(inc.invoke(1, config as never)).rejects.toThrow(ConfigError);
    expect(() => inc.stream(1, config as never)).toThrow(ConfigError);
    expect(() => inc.withConfig(config as never)).toThrow(ConfigError);
  });

  const switches = ['signal', 'tags', 'callbacks', 'metadata', 'configurable', 'runName', 'runId', 'cache'];
  const limits = ['timeout', 'maxConcurrency', 'recursionLimit'];
  test.each([...switches, ...limits])('%s: null is the same as leaving it out', async (option) => {
    const config = { [option]: null } as RunnableConfig;
    expect(await inc.invoke(1, config)).toBe(2);
    expect(await inc.stream(1, config).final).toBe(2);
    expect(await inc.batch([1, 2], config)).toEqual([2, 3]);
    expect(await inc.batch([1, 2], [config, config])).toEqual([2, 3]);
    expect(await inc.withConfig(config).invoke(1)).toBe(2);
    expect((await inc.events(1, config).final).at(-1)).toMatchObject({ type: 'run-end', output: 2 });
    const nesting = RunnableLambda.from((x: number, context) => inc.invoke(x, { ...context, ...config }));
    expect(await nesting.invoke(1)).toBe(2);
    const model = new FakeListChatModel({ responses: ['hello'] });
    expect(await model.invoke('hi', config)).toMatchObject({ content: 'hello' });
  });

  test.each([null, undefined])('%s is no config, in every verb', async (config) => {
    const none = config as never;
    expect(await inc.invoke(1, none)).toBe(2);
    expect(inc.invokeSync(1, none)).toBe(2);
    expect(await inc.stream(1, none).final).toBe(2);
    expect(await inc.transform([1], none).final).toBe(2);
    expect([...inc.streamSync(1, none)]).toEqual([2]);
    expect(await inc.batch([1], none, none)).toEqual([2]);
    expect(await inc.batch([1], [none])).toEqual([2]);
    expect(inc.batchSync([1], none, none)).toEqual([2]);
    expect(await inc.batchAsCompleted([1], none, none).next()).toMatchObject({ value: { output: 2 } });
    expect(await inc.events(1, none).final).toHaveLength(3);
    expect(await inc.withConfig(none).invoke(1)).toBe(2);
  });
});
