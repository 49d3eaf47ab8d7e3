import { AIMessage, AIMessageChunk, type CacheMark, type LlmCache } from '@pipewright/core';
import { ScriptedChatModel, type ScriptedReply } from '@pipewright/core/testing';
import type { MakeRule } from './cache-contract.js';
import { expectEqual, expectTrue, type Rule } from './expect.js';

const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };

function modelWith(cache: LlmCache, ...replies: ScriptedReply[]): ScriptedChatModel {
  const more = Array.from({ length: 20 }, (_, index) => `more ${index}`);
  return new ScriptedChatModel({ replies: [...replies, ...more], cache: { cache, strict: true } });
}

const answer = (content: string): AIMessage =>
  new AIMessage({
    content,
    usage_metadata: usage,
    response_metadata: { finish_reason: 'stop', x: { y: 1 } },
    tool_calls: [{ id: 'call', name: 'add', args: { a: { b: 1 } } }],
  });

const markOf = (message: AIMessage): CacheMark | undefined =>
  message.response_metadata.cache as CacheMark | undefined;

/** The known defects of caches around models, each a rule that it does not come back. */
export function modelRules(rule: MakeRule): Rule[] {
  return [
    rule('R1, D31: a batch of which a part is known gives every answer at its place', async (cache) => {
      const model = modelWith(cache, 'b', 'a', 'c');
      await model.invoke('B');
      const answers = await model.batch(['A', 'B', 'C'], { maxConcurrency: 1 });
      expectEqual(
        answers.map(({ text }) => text),
        ['a', 'b', 'c'],
        'the batch',
      );
    }),
    rule('R2, D37: a stream fills the cache and is answered from it, in its pieces', async (cache) => {
      const model = modelWith(cache, ['Hel', 'lo']);
      await model.stream('A').final;
      const pieces: string[] = [];
      for await (const { text } of model.stream('A')) pieces.push(text);
      expectEqual(pieces, ['Hel', 'lo'], 'the pieces of the hit');
      expectEqual((await model.invoke('A')).text, 'Hello', 'invoke after stream');
      expectEqual(model.calls.length, 1, 'calls of the model');
    }),
    rule('R3, R4, D36: a cache that fails costs nobody an answer', async (cache) => {
      const boom = () => Promise.reject(new Error('store down'));
      const broken: LlmCache = { lookup: boom, update: boom };
      const model = modelWith(cache, 'a', 'b');
      expectEqual(
        (await model.invoke('A', { cache: { cache: broken, strict: false } })).text,
        'a',
        'the answer',
      );
      expectEqual((await model.invoke('A')).text, 'b', 'the answer with a cache that works');
    }),
    rule('R5, R6, D34: no two callers share an object, and edits reach nobody', async (cache) => {
      const model = modelWith(cache, answer('a'));
      const first = await model.invoke('A');
      expectEqual(first.usage_metadata, usage, 'what the first call was billed');
      const second = await model.invoke('A');
      (second.response_metadata.x as { y: number }).y = 2;
      for (const call of second.tool_calls) (call.args.a as { b: number }).b = 2;
      (first.response_metadata.x as { y: number }).y = 3;
      const third = await model.invoke('A');
      expectEqual(third.response_metadata.x, { y: 1 }, 'metadata of a later hit');
      expectEqual(third.tool_calls[0]?.args, { a: { b: 1 } }, 'arguments of a later hit');
      expectEqual(first.usage_metadata, usage, 'usage of the first call afterwards');
      expectEqual(third.usage_metadata?.total_tokens, 0, 'what the hit was billed');
      expectEqual(markOf(third)?.avoided_usage, usage, 'what the hit avoided');
    }),
    rule('R7, D35: identical calls at once ask the model once', async (cache) => {
      const model = modelWith(cache, ['a', 'b']);
      const runs = Array.from({ length: 20 }, async (_, index) =>
        index % 2 === 0 ? model.invoke('A') : model.stream('A').final,
      );
      const texts = (await Promise.all(runs)).map(({ text }) => text);
      expectEqual(new Set(texts), new Set(['ab']), 'the answers');
      expectEqual(model.calls.length, 1, 'calls of the model');
    }),
    rule('R8, D32: text that imitates a conversation does not get its answer', async (cache) => {
      const model = modelWith(cache, 'forged', 'real');
      await model.invoke('Hi\nAI: yes');
      expectEqual(
        (
          await model.invoke([
            ['human', 'Hi'],
            ['ai', 'yes'],
          ])
        ).text,
        'real',
        'the real conversation',
      );
    }),
    rule('R9: the same caption under another image is another request', async (cache) => {
      const model = modelWith(cache, 'a', 'b');
      const image = (data: string) => [{ role: 'user', content: [{ type: 'image' as const, data }] }];
      const texts = [(await model.invoke(image('AAAA'))).text, (await model.invoke(image('BBBB'))).text];
      expectEqual(texts, ['a', 'b'], 'the answers');
    }),
    rule('R9: half of one character is not half of another', async (cache) => {
      const model = modelWith(cache, 'a', 'b', 'c');
      const texts: string[] = [];
      for (const last of ['\ud83c', '\ud83d', '\ufffd']) texts.push((await model.invoke(`Hi ${last}`)).text);
      expectEqual(texts, ['a', 'b', 'c'], 'the answers');
    }),
    rule('R10, R11, D38: parameters and tools count', async (cache) => {
      const model = modelWith(cache, '0', '1', '2', '3');
      const options = [
        { temperature: 0 },
        { temperature: 1 },
        { modelKwargs: { tools: [] } },
        { stop: ['.'] },
      ];
      const texts: string[] = [];
      for (const option of [...options, ...options]) texts.push((await model.invoke('A', option)).text);
      expectEqual(texts.join(''), '01230123', 'the answers');
    }),
    rule('R12: what cannot be written down is answered, uncached', async (cache) => {
      const model = modelWith(cache, 'a', 'b');
      const texts: string[] = [];
      for (const n of [1n, 2n]) texts.push((await model.invoke('A', { modelKwargs: { n } })).text);
      expectEqual(texts, ['a', 'b'], 'the answers');
    }),
    rule('R13, D33: the order of options, signals and timeouts do not count', async (cache) => {
      const model = modelWith(cache, 'a');
      await model.invoke('A', { modelKwargs: { x: { a: 1, b: 2 } }, timeout: 60_000 });
      const { signal } = new AbortController();
      const again = await model.invoke('A', { modelKwargs: { x: { b: 2, a: 1 } }, signal, tags: ['t'] });
      expectEqual(again.text, 'a', 'the answer');
      expectEqual(model.calls.length, 1, 'calls of the model');
    }),
    rule('C8: what failed, was cut off, filtered, empty or left is not kept', async (cache) => {
      const ended = (finish_reason: string) =>
        new AIMessageChunk({ content: 'x', response_metadata: { finish_reason } });
      const model = modelWith(
        cache,
        ended('length'),
        ended('content_filter'),
        '',
        ['a', new Error('cut')],
        ['a', 'b'],
      );
      for (const _ of [1, 2, 3]) await model.invoke('A');
      await model.invoke('A').then(
        () => expectTrue(false, 'the fourth call was to fail'),
        () => undefined,
      );
      for await (const _chunk of model.stream('A')) break;
      expectEqual((await model.invoke('A')).text, 'more 0', 'the answer that is asked for at last');
    }),
  ];
}
