import { folds, type Machine, type Manifest } from '@pipewright/core';
import { BaseOutputParser } from './output-parser.js';

const NONE: readonly string[] = [];

const passOn: Machine<string, string> = {
  push: (text) => (text === '' ? NONE : [text]),
  end: () => NONE,
};

/**
 * The text of a model's answer, as it arrives. Reasoning and tool calls are left out.
 *
 * @example
 * ```ts
 * import { FakeListChatModel } from '@pipewright/core/testing';
 * import { StringOutputParser } from '@pipewright/parsers';
 *
 * const chain = new FakeListChatModel({ responses: ['Hello!'] }).pipe(new StringOutputParser());
 * const text: string = await chain.invoke('Hi');
 * ```
 */
export class StringOutputParser extends BaseOutputParser<string> {
  readonly name = 'StringOutputParser';
  readonly fold = folds.text;

  override get manifest(): Manifest {
    return { kind: this.name };
  }

  machine(): Machine<string, string> {
    return passOn;
  }
}
