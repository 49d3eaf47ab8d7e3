import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { AIMessage, ChatModelBinding, ChatModelInput, DeepPartial, Runnable } from '../index.js';
import { FakeListChatModel } from '../testing/index.js';

const model = new FakeListChatModel({ responses: [] });
const schema = z.object({ city: z.string(), tags: z.array(z.object({ id: z.number() })) });
type City = { city: string; tags: { id: number }[] };

test('values and partial values are typed by the schema', async () => {
  const structured = model.withStructuredOutput(schema);
  expectTypeOf(await structured.invoke('')).toEqualTypeOf<City>();
  for await (const chunk of structured.stream('')) {
    expectTypeOf(chunk.city).toEqualTypeOf<string | undefined>();
    expectTypeOf(chunk.tags?.[0]?.id).toEqualTypeOf<number | undefined>();
  }
  const json = model.withStructuredOutput({ type: 'object' });
  expectTypeOf(await json.invoke('')).toEqualTypeOf<Record<string, unknown>>();
});

test('with the message beside it', async () => {
  const result = await model.withStructuredOutput(schema, { includeRaw: true }).invoke('');
  expectTypeOf(result.raw).toEqualTypeOf<AIMessage>();
  if (result.parsing_error === null) expectTypeOf(result.parsed).toEqualTypeOf<City>();
  else expectTypeOf(result.parsed).toEqualTypeOf<null>();
});

test('deep partials', () => {
  expectTypeOf<DeepPartial<City>>().toEqualTypeOf<{
    readonly city?: string;
    readonly tags?: readonly { readonly id?: number }[];
  }>();
  expectTypeOf<DeepPartial<unknown>>().toEqualTypeOf<unknown>();
  expectTypeOf<DeepPartial<'a' | 'b'>>().toEqualTypeOf<string>();
});

test('a model with behaviour around it is typed as a model still', () => {
  const wrapped = model
    .withRetry()
    .withFallbacks([model])
    .withConfig({ tags: ['x'] });
  expectTypeOf(wrapped).toEqualTypeOf<ChatModelBinding>();
  expectTypeOf(wrapped.bindTools([])).toEqualTypeOf<ChatModelBinding>();
  expectTypeOf(wrapped.withStructuredOutput(schema)).toEqualTypeOf(model.withStructuredOutput(schema));
  expectTypeOf(wrapped.pipe((message) => message.text).withRetry()).toEqualTypeOf<
    Runnable<ChatModelInput, string>
  >();
});
