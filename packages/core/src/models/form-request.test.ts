import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { calling, callOf, scripted, shout } from '../../test/loops.js';
import {
  type BaseMessage,
  bindTools,
  coreRegistry,
  dumps,
  loads,
  type ModelCallOptions,
  RunnableLambda,
  type RunnableConfig,
  type StructuredMethod,
  toolLoop,
  toOpenAITool,
} from '../index.js';

const schema = z.object({ kind: z.string() });
const extract = { type: 'function', function: { name: 'extract' } };
const outside: RunnableConfig = {
  tools: [toOpenAITool(shout)],
  tool_choice: { type: 'function', function: { name: 'shout' } },
  response_format: { type: 'json_object' },
};

/** A model that gives one answer of the form. */
const answering = (method: StructuredMethod) =>
  scripted(method === 'functionCalling' ? calling(callOf('extract', { kind: 'a' })) : '{"kind": "a"}');

const functionCalling: ModelCallOptions = {
  tools: [expect.objectContaining(extract.function)].map((told) => ({ type: 'function', function: told })),
  tool_choice: extract as never,
  response_format: { type: 'text' },
};
const jsonSchema: ModelCallOptions = {
  ...outside,
  tool_choice: 'none',
  response_format: expect.objectContaining({ type: 'json_schema' }),
};

describe.each([
  ['functionCalling', functionCalling],
  ['jsonSchema', jsonSchema],
] as const)('asked for a form by %s, a model is told that alone', (method, told) => {
  test.each([
    ['bound around it', (config: RunnableConfig) => ({ bound: config, said: {} })],
    ['said by the call', (config: RunnableConfig) => ({ bound: {}, said: config })],
  ])('whatever is %s', async (_where, place) => {
    const model = answering(method);
    const { bound, said } = place(outside);
    const chain = RunnableLambda.from((text: string) => text)
      .pipe(model.withStructuredOutput(schema, { method }))
      .withConfig(bound);
    expect(await chain.invoke('x', said)).toEqual({ kind: 'a' });
    expect(model.calls[0]?.options).toEqual(told);
  });

  test('as a step of the model of a loop', async () => {
    const model = answering(method);
    const answer = scripted('done');
    const routed = RunnableLambda.from((messages: readonly BaseMessage[], context) =>
      model
        .withStructuredOutput(schema, { method })
        .invoke(messages, context)
        .then(() => answer.invoke(messages, context)),
    );
    const messages = await toolLoop(routed, [shout]).invoke('x');
    expect(messages.at(-1)?.text).toBe('done');
    const { tools, tool_choice } = told;
    expect(model.calls[0]?.options).toMatchObject({ tools, tool_choice });
    expect(answer.calls[0]?.options).toEqual({ tools: outside.tools });
  });
});

test('stored and loaded, it is asked for the same', async () => {
  const model = scripted(() => '{"kind": "a"}');
  const text = dumps(bindTools(model.withStructuredOutput(schema, { name: 'pick' }), [shout]));
  const registry = [coreRegistry, { schemas: { pick: schema }, runnables: { [model.name]: model } }];
  expect(await loads(text, { registry }).invoke('x')).toEqual({ kind: 'a' });
  expect(model.calls[0]?.options).toMatchObject({ tools: outside.tools, tool_choice: 'none' });
});
