import { describe, expect, test } from 'vitest';
import { call, broken, all, ids } from '../../test/conversation.js';
import { AIMessage, ConfigError, filterMessages, SystemMessage } from '../index.js';
import { runnableLaws } from '../testing/index.js';

describe('filterMessages', () => {
  test('excludes, then includes', () => {
    expect(ids(filterMessages(all, { includeTypes: ['human', SystemMessage] }))).toEqual(['1', '2', '5']);
    expect(ids(filterMessages(all, { excludeNames: ['Ann'], includeTypes: ['user'] }))).toEqual(['5']);
    expect(ids(filterMessages(all, { includeNames: ['Ann'], includeIds: ['4'] }))).toEqual(['2', '4']);
    expect(ids(filterMessages(all, { excludeTypes: ['tool', 'generic'], excludeIds: ['1', '5'] }))).toEqual([
      '2',
      '3',
    ]);
    expect(filterMessages(all)).toEqual(all);
    expect(filterMessages(all, { includeIds: [] })).toEqual([]);
    expect(() => filterMessages(all, { includeTypes: ['wizard' as never] })).toThrow(ConfigError);
  });

  test('drops tool calls and their results, all or some', () => {
    expect(ids(filterMessages(all, { excludeToolCalls: true }))).toEqual(['1', '2', '5', undefined]);
    const [message] = filterMessages(all, { includeTypes: ['ai'], excludeToolCalls: ['c1'] });
    expect(message).toEqual(new AIMessage({ content: '', id: '3', invalid_tool_calls: [broken] }));
    const spoken = Object.freeze(new AIMessage({ content: 'x', tool_calls: [call] }));
    expect(filterMessages([spoken], { excludeToolCalls: true })).toEqual([new AIMessage('x')]);
  });

  test('behaviour 130: is a step of a chain when called with options only', async () => {
    const step = filterMessages({ includeTypes: ['human'] });
    for (const law of runnableLaws(() => step, [all, []])) await law.check();
    expect(ids(step.invokeSync(all))).toEqual(['2', '5']);
  });
});
