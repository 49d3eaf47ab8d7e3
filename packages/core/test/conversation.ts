import {
  AIMessage,
  type BaseMessage,
  ChatMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '../src/index.js';

export const call = { type: 'tool_call', id: 'c1', name: 'add', args: { a: 1 } } as const;
export const broken = {
  type: 'invalid_tool_call',
  id: 'c2',
  name: 'add',
  args: '{"a"',
  error: 'The arguments are not a JSON object.',
} as const;

/** A message of each kind. */
export const all: readonly BaseMessage[] = Object.freeze(
  [
    new SystemMessage({ content: 'Be brief.', id: '1' }),
    new HumanMessage({ content: 'Hi', name: 'Ann', id: '2' }),
    new AIMessage({ content: '', id: '3', tool_calls: [call], invalid_tool_calls: [broken] }),
    new ToolMessage({ content: '2', tool_call_id: 'c1', id: '4' }),
    new HumanMessage({ content: 'Ho', name: 'Bo', id: '5' }),
    new ChatMessage('no', 'critic'),
  ].map((message) => Object.freeze(message)),
);

export const ids = (messages: readonly BaseMessage[]) => messages.map(({ id }) => id);
