import { describe, expect, test } from 'vitest';
import {
  AIMessage,
  AIMessageChunk,
  ChatMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '../index.js';

describe('D54: nothing given is changed', () => {
  test('constructors take frozen fields, and copy what they hand on', () => {
    const fields = Object.freeze({
      content: Object.freeze([{ type: 'text', text: 'x' }]),
      role: 'critic',
      tool_call_id: '1',
    });
    const classes = [
      HumanMessage,
      AIMessage,
      SystemMessage,
      ToolMessage,
      ChatMessage,
      AIMessageChunk,
    ] as const;
    for (const Class of classes) expect(new (Class as typeof HumanMessage)(fields as never).text).toBe('x');
    expect(Object.keys(fields)).toEqual(['content', 'role', 'tool_call_id']);
  });
});
