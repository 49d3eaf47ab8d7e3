import { isMessage, OutputParserException, type AIMessage, type Machine } from '@pipewright/core';
import type { ParserInput } from '../parser-input.js';

/** Lets a machine over a model's messages read whatever a parser is given; refuses what cannot have tool calls. */
export function overMessages<B>(machine: Machine<AIMessage, B>): Machine<ParserInput, B> {
  return {
    push: (input) => {
      if (isMessage(input) && input.type === 'ai') return machine.push(input as AIMessage);
      const got = isMessage(input) ? `a message of type "${input.type}"` : `a ${typeof input}`;
      throw new OutputParserException(
        `A parser of tool calls reads a model's messages; got ${got}. Put it right behind a chat model.`,
        typeof input === 'string' ? input : '',
      );
    },
    end: () => machine.end(),
  };
}
