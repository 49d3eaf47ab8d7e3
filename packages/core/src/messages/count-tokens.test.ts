import { describe, expect, test } from 'vitest';
import { all } from '../../test/conversation.js';
import { type BaseMessage, countTokensApproximately, HumanMessage, tokenCounter } from '../index.js';

describe('counting tokens', () => {
  test('takes a quarter of the characters, and a little for each message', () => {
    expect(countTokensApproximately('12345')).toBe(2);
    expect(countTokensApproximately([])).toBe(0);
    expect(countTokensApproximately(new HumanMessage('12345678'))).toBe(3 + 1 + 2);
    const image = new HumanMessage({
      content: [
        { type: 'image', url: 'x'.repeat(1000) },
        { type: 'text', text: '1234' },
      ],
    });
    expect(countTokensApproximately([image])).toBe(3 + 1 + 85 + 1);
    expect(countTokensApproximately([all[2] as BaseMessage])).toBeGreaterThan(10);
  });

  test('takes a tokenizer', () => {
    const count = tokenCounter((text) => text.split(' ').length, { tokensPerMessage: 10 });
    expect(count([new HumanMessage('a b c')])).toBe(10 + 1 + 3);
    expect(count('a b')).toBe(2);
  });
});
