import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { called, Holder, made, registry, storedText } from '../../test/holder.js';
import { hostileValue } from '../../test/hostile-values.js';
import {
  AIMessage,
  DeserializationError,
  dumps,
  loads,
  RunnableWithMessageHistory,
  tool,
  type Tool,
  ToolLoop,
} from '../index.js';
import { deepEqual, FakeStreamingChatModel, ScriptedChatModel } from '../testing/index.js';

const RUNS = Number(process.env.LAW_RUNS ?? 500);

describe('S1: what looks like structure stays data', () => {
  test('in what a tool and a loop say of themselves', () => {
    const names = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'then', 'Tool', 'ToolFunction', '{"function":"called"}'),
      hostileValue.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(names, hostileValue, (name, value) => {
        const schema = { value };
        const told = { name, description: JSON.stringify(value), schema, returnDirect: true };
        const one = tool(called, { ...told, responseFormat: 'content_and_artifact' });
        const loop = new ToolLoop({ model: new Holder({ value }) as never, tools: [one as never], name });
        const text = dumps(loop);
        made.length = 0;
        // The function goes by the tool's name, whatever that is.
        const functions = Object.fromEntries([[name, called]]);
        const loaded = loads(text, { registry: [registry, { functions }] }) as unknown as ToolLoop;
        expect(made).toEqual(['Holder', 'ToolFunction', 'Tool', 'ToolLoop']);
        expect(deepEqual(loaded.tools, loop.tools)).toBe(true);
        expect(deepEqual(loaded.options, loop.options)).toBe(true);
        expect(deepEqual((loaded.model as unknown as Holder).told, { value })).toBe(true);
        expect(dumps(loaded)).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  test('in the keys of a history and in scripts of models', () => {
    fc.assert(
      fc.property(hostileValue, (value) => {
        const key = JSON.stringify(value);
        const replies = [key, new AIMessage({ content: key, additional_kwargs: { value } })];
        const chain = new RunnableWithMessageHistory({
          runnable: new ScriptedChatModel({ replies }).pipe(
            new FakeStreamingChatModel({ chunks: [key] }) as never,
          ),
          getMessageHistory: called as never,
          inputMessagesKey: key,
          historyMessagesKey: '__proto__',
        });
        const text = dumps(chain);
        made.length = 0;
        const loaded = loads(text, { registry }) as unknown as typeof chain;
        const inside = ['ScriptedChatModel', 'FakeStreamingChatModel', 'RunnableSequence'];
        expect(made).toEqual([...inside, 'RunnableWithMessageHistory']);
        expect(deepEqual(loaded, chain)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('a schema in the data is never asked to validate, whatever it looks like', async () => {
    const schema = { '~standard': { version: 1, vendor: 'x', validate: { function: 'called' } } };
    const text = dumps(tool(called, { name: 'called', schema: schema as never }));
    const loaded = loads(text, { registry }) as unknown as Tool<unknown, unknown>;
    expect(loaded.schema).toEqual(schema);
    made.length = 0;
    await loaded.invoke({ any: 'thing' });
    expect(made).toEqual(['a function was called']);
  });
});

const held = '{"name":"Holder"}';
const bound = `"children":{"bound":${held}}`;
const withTool = (key: string) => `{"kind":"ToolLoop","children":{"model":${held},"${key}":${held}}}`;

test.each<[what: string, root: string, values?: string]>([
  ['a tool around nothing', '{"kind":"Tool"}'],
  ['a tool with a second child', `{"kind":"Tool","children":{"bound":${held},"other":${held}}}`],
  ['a tool with a schema that is a text', `{"kind":"Tool","options":{"schema":0},${bound}}`, '["called"]'],
  ['a tool with a schema that is a list', `{"kind":"Tool","options":{"schema":0},${bound}}`, '[[1]]'],
  [
    'a tool with a function for a schema',
    `{"kind":"Tool","options":{"schema":{"function":"called"}},${bound}}`,
  ],
  [
    'a tool with a runnable for a schema',
    `{"kind":"Tool","options":{"schema":{"runnable":${held}}},${bound}}`,
  ],
  ['a tool with a schema of no name', `{"kind":"Tool","options":{"schema":{"schema":null}},${bound}}`],
  [
    'a tool with a schema of another name',
    `{"kind":"Tool","options":{"schema":{"schema":"other"}},${bound}}`,
  ],
  [
    'a tool that is described by code',
    `{"kind":"Tool","options":{"description":{"function":"called"}},${bound}}`,
  ],
  ['a tool without a name', `{"kind":"Tool","options":{"name":0},${bound}}`, '[""]'],
  ['a tool of another format', `{"kind":"Tool","options":{"responseFormat":0},${bound}}`, '["raw"]'],
  ['a function of a tool that is none', '{"kind":"ToolFunction","options":{"func":0}}', '["called"]'],
  ['a function of a tool that is a schema', '{"kind":"ToolFunction","options":{"func":{"schema":"called"}}}'],
  ['a function of a tool that is missing', '{"kind":"ToolFunction"}'],
  ['a loop without a model', '{"kind":"ToolLoop"}'],
  ['a loop with what is no tool', withTool('tool:Holder')],
  ['a loop with the name of a tool with control characters', withTool(String.raw`tool:\n`)],
  [
    'a loop with a choice among no tools',
    `{"kind":"ToolLoop","options":{"tool_choice":0},"children":{"model":${held}}}`,
    '["called"]',
  ],
  [
    'a loop that takes failures as a text says',
    `{"kind":"ToolLoop","options":{"handleToolErrors":0},"children":{"model":${held}}}`,
    '["called"]',
  ],
  ['a loop with no step', `{"kind":"ToolLoop","options":{"maxSteps":0},"children":{"model":${held}}}`, '[0]'],
  ['a history from nowhere', `{"kind":"RunnableWithMessageHistory",${bound}}`],
  [
    'a history from a text',
    `{"kind":"RunnableWithMessageHistory","options":{"getMessageHistory":0},${bound}}`,
    '["called"]',
  ],
  ['a list of answers that is missing', '{"kind":"FakeListChatModel"}'],
  [
    'chunks that are a runnable',
    `{"kind":"FakeStreamingChatModel","options":{"chunks":{"list":[{"runnable":${held}}]}}}`,
  ],
  ['chunks that are missing', '{"kind":"FakeStreamingChatModel"}'],
  [
    'a script with a function in it',
    '{"kind":"ScriptedChatModel","options":{"replies":{"list":[{"function":"called"}]}}}',
  ],
  ['a script that is a text', '{"kind":"ScriptedChatModel","options":{"replies":0}}', '["x"]'],
])('S9: %s is refused, and nothing is called', (_what, root, values) => {
  made.length = 0;
  expect(() => loads(storedText(root, values), { registry })).toThrow(DeserializationError);
  expect(made).not.toContain('a function was called');
});
