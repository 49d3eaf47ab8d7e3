import { folds } from '@pipewright/core';
import { expect, test } from 'vitest';
import { BaseLLMOutputParser, BaseOutputParser } from './index.js';

test('a parser that leaves out what the base class works by is told what to write', async () => {
  // @ts-expect-error -- which JavaScript does not say
  class OnlyParse extends BaseOutputParser<string> {
    readonly name = 'OnlyParse';
    override async parse(text: string) {
      return text;
    }
  }
  // @ts-expect-error -- which JavaScript does not say
  class NoFold extends BaseOutputParser<string> {
    machine() {
      return { push: (text: string) => [text], end: () => [] };
    }
  }
  // @ts-expect-error -- which JavaScript does not say
  class NoReader extends BaseLLMOutputParser<string> {
    readonly fold = folds.text;
  }
  const left = [
    [new OnlyParse(), 'machine()'],
    [new NoFold(), 'fold'],
    [new NoReader(), 'reader()'],
  ] as const;
  for (const [parser, option] of left) {
    await expect(parser.invoke('x')).rejects.toMatchObject({ name: 'ConfigError', option });
    await expect(parser.stream('x').final).rejects.toMatchObject({ name: 'ConfigError', option });
  }
});
