import {
  coerceMessageLikeToMessage,
  ConfigError,
  describe,
  MessageCoercionError,
  type BaseMessage,
  type MessageLike,
  type MessageRecord,
} from '@pipewright/core';
import type { PromptVariable } from './input-reader.js';
import type { MessagePart } from './message-part.js';
import { has, type VariableValues } from './values.js';
import { isVariableName } from './variable-name.js';
import type { Named } from './variables.js';

/** What a placeholder's variable can be: messages in any form, or one of them. A text is one message of the user's. */
export type MessagesValue = readonly MessageLike[] | BaseMessage | MessageRecord | string;

export interface MessagesPlaceholderFields<Name extends string, Optional extends boolean> {
  readonly variableName: Name;
  /** Without a value it then stands for no messages. Default false: a missing value is an error. */
  readonly optional?: Optional;
  /** Keep only so many of the last messages: a whole number of at least 1. Default: all. */
  readonly nMessages?: number;
}

/** The variable of a placeholder; an optional one may be left out. */
export type PlaceholderVariables<Name extends string, Optional extends boolean> = [Optional] extends [true]
  ? Partial<Named<Name, MessagesValue>>
  : Named<Name, MessagesValue>;

/**
 * The place in a chat prompt where messages are put in, such as the conversation so far. Its value is a list of messages
 * (also as `['human', 'hi']` or `{ role, content }`), one message, or a text.
 *
 * @throws ConfigError when the name is no variable name, or `nMessages` no whole number of at least 1
 *
 * @example
 * ```ts
 * import { ChatPromptTemplate, MessagesPlaceholder } from '@pipewright/prompts';
 *
 * const prompt = ChatPromptTemplate.fromMessages([
 *   ['system', 'You are {persona}.'],
 *   new MessagesPlaceholder({ variableName: 'history', optional: true, nMessages: 20 }),
 *   ['human', '{question}'],
 * ]);
 * const messages = await prompt.formatMessages({
 *   persona: 'a poet',
 *   history: [['human', 'Hi'], ['ai', 'Hello']],
 *   question: 'What rhymes with orange?',
 * });
 * ```
 */
export class MessagesPlaceholder<const Name extends string = string, const Optional extends boolean = false>
  implements MessagePart<PlaceholderVariables<Name, Optional>>
{
  declare readonly '~variables'?: (variables: PlaceholderVariables<Name, Optional>) => void;
  readonly variableName: string;
  readonly optional: boolean;
  readonly nMessages: number | undefined;
  readonly variables: readonly PromptVariable[];

  constructor(fields: Name | MessagesPlaceholderFields<Name, Optional>) {
    const {
      variableName,
      optional = false,
      nMessages,
    } = typeof fields === 'string' ? { variableName: fields } : fields;
    if (typeof variableName !== 'string' || !isVariableName(variableName)) {
      throw new ConfigError(
        'variableName',
        `A placeholder's variable is a name of letters, digits and underscores, without braces; got ${
          typeof variableName === 'string' ? JSON.stringify(variableName) : describe(variableName)
        }.`,
      );
    }
    if (nMessages !== undefined && !(Number.isInteger(nMessages) && nMessages >= 1)) {
      throw new ConfigError(
        'nMessages',
        `nMessages is ${String(nMessages)}; give a whole number of at least 1.`,
      );
    }
    this.variableName = variableName;
    this.optional = optional;
    this.nMessages = nMessages;
    this.variables = [{ name: variableName, optional }];
  }

  get stored(): Readonly<Record<string, unknown>> {
    const { variableName, optional, nMessages } = this;
    return { placeholder: { variableName, optional, nMessages } };
  }

  messagesFor(values: VariableValues): readonly BaseMessage[] {
    if (!has(values, this.variableName)) return [];
    const value = values[this.variableName];
    if (!Array.isArray(value)) return [messageOf(value, this.variableName)];
    const from = this.nMessages === undefined ? 0 : Math.max(0, value.length - this.nMessages);
    const kept: readonly unknown[] = from === 0 ? value : value.slice(from);
    return kept.map((like, index) => messageOf(like, this.variableName, from + index));
  }
}

function messageOf(like: unknown, variable: string, index?: number): BaseMessage {
  try {
    return coerceMessageLikeToMessage(like as MessageLike);
  } catch (cause) {
    if (!(cause instanceof MessageCoercionError)) throw cause;
    const problem = index === undefined ? 'is no message' : `holds no message at index ${index}`;
    throw new MessageCoercionError(`The prompt variable "${variable}" ${problem}. ${cause.message}`, {
      cause,
    });
  }
}
