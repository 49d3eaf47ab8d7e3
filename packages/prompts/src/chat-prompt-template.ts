import {
  andThen,
  ChatPromptValue,
  ConfigError,
  type BaseMessage,
  type MaybePromise,
  type RunContext,
} from '@pipewright/core';
import { BasePromptTemplate } from './base-prompt-template.js';
import { describe } from './describe.js';
import { gather } from './gather.js';
import type { PromptVariable } from './input-reader.js';
import type { MessagePart } from './message-part.js';
import { partOf, type MessageTemplateLike } from './message-template-like.js';
import type { CheckedMessages, MessagesVariables } from './message-variables.js';
import type { PartialValues, PromptInput, WithPreset } from './prompt-input.js';
import type { VariableValues } from './values.js';
import type { CheckedTemplate, OpenVariables, TemplateVariables } from './variables.js';

export interface ChatPromptTemplateFields<
  Likes extends readonly MessageTemplateLike[],
  Preset extends string,
> {
  /** In the forms that `fromMessages` takes. */
  readonly promptMessages: Likes;
  /** The variables that a call gives, for the prompt to check its templates by. Default: those that they use. */
  readonly inputVariables?: readonly string[];
  /** Values set beforehand; see `partial`. */
  readonly partialVariables?: { readonly [Name in Preset]: unknown };
}

/**
 * Messages with variables. Their templates are written as for PromptTemplate, and what variables they take, placeholders
 * and nested prompts included, the compiler reads off the list.
 *
 * Calls take the variables as an object, or, where only one is required, its bare value: `prompt.invoke('bears')`. They
 * reject with PromptInputError if any is missing, and with MessageCoercionError if a placeholder is given no messages.
 *
 * @typeParam Of - its variables by name, or the literal list of messages they are read off
 * @typeParam Preset - the names of those that have been set beforehand
 * @throws TemplateError when a template is malformed, saying where
 * @throws MessageCoercionError when something in the list is no message, or has an unknown role
 * @throws ConfigError when a variable is named `stop`, or is missing from `inputVariables`
 * @throws LimitExceededError when a template is longer than 1 MiB
 *
 * @example
 * ```ts
 * import { ChatPromptTemplate } from '@pipewright/prompts';
 *
 * const prompt = ChatPromptTemplate.fromMessages([
 *   ['system', 'You are {persona}.'],
 *   ['placeholder', '{history}'],
 *   ['human', '{question}'],
 * ]);
 * const messages = await prompt.formatMessages({ persona: 'a poet', question: 'What rhymes with orange?' });
 * ```
 */
export class ChatPromptTemplate<const Of = OpenVariables, Preset extends string = never>
  extends BasePromptTemplate<WithPreset<VariablesOf<Of>, Preset>, ChatPromptValue>
  implements MessagePart<WithPreset<VariablesOf<Of>, Preset>>
{
  declare readonly '~variables'?: (variables: WithPreset<VariablesOf<Of>, Preset>) => void;
  readonly name = 'ChatPromptTemplate';
  readonly promptMessages: readonly MessagePart<never>[];
  readonly variables: readonly PromptVariable[];

  constructor(
    fields: ChatPromptTemplateFields<
      Of extends readonly MessageTemplateLike[] ? Of : readonly MessageTemplateLike[],
      Preset
    >,
  ) {
    if (!Array.isArray(fields.promptMessages)) {
      throw new ConfigError(
        'promptMessages',
        `The messages of a prompt are a list; got ${describe(fields.promptMessages)}.`,
      );
    }
    const parts = (fields.promptMessages as readonly MessageTemplateLike[]).map(partOf);
    super({ ...fields, variables: parts.flatMap((part) => part.variables) });
    this.promptMessages = parts;
    this.variables = this['~input'].variables;
  }

  /** Makes a prompt of one message of the user's. */
  static fromTemplate<const Text extends string>(
    template: CheckedTemplate<Text>,
  ): ChatPromptTemplate<TemplateVariables<Text>> {
    const prompt = new ChatPromptTemplate({ promptMessages: [['human', template as string]] });
    return prompt as ChatPromptTemplate<TemplateVariables<Text>>;
  }

  /** Makes a prompt of messages, in any of the forms that `MessageTemplateLike` names. */
  static fromMessages<const Likes extends readonly MessageTemplateLike[]>(
    messages: Likes & CheckedMessages<Likes>,
  ): ChatPromptTemplate<MessagesVariables<Likes>> {
    const prompt = new ChatPromptTemplate({ promptMessages: messages as readonly MessageTemplateLike[] });
    return prompt as ChatPromptTemplate<MessagesVariables<Likes>>;
  }

  valueFor(values: VariableValues, context: RunContext): MaybePromise<ChatPromptValue> {
    const lists = gather(this.promptMessages, (part) => part.messagesFor(values, context));
    return andThen(lists, (made) => new ChatPromptValue(joined(made)));
  }

  /** As part of another prompt. */
  messagesFor(values: VariableValues, context: RunContext): MaybePromise<readonly BaseMessage[]> {
    return andThen(this.run(values as never, context), (value) => value.messages);
  }

  /** Fills the prompt in as a list of messages. Rejects as `invoke` does. */
  async formatMessages(
    input: PromptInput<WithPreset<VariablesOf<Of>, Preset>>,
  ): Promise<readonly BaseMessage[]> {
    return (await this.invoke(input)).messages;
  }

  /**
   * The same prompt with some variables set beforehand, by a value, or by a function, also an async one, that is called for
   * it at each run. A call may still give them, and then its values count.
   */
  partial<Name extends keyof VariablesOf<Of> & string>(
    values: PartialValues<VariablesOf<Of>, Name>,
  ): ChatPromptTemplate<Of, Preset | Name> {
    const partialVariables: VariableValues = { ...this.partialVariables, ...values };
    const prompt = new ChatPromptTemplate({ promptMessages: this.promptMessages, partialVariables });
    return prompt as ChatPromptTemplate<Of, Preset | Name>;
  }
}

/** As `flat()`, which takes ten times as long. */
function joined(lists: readonly (readonly BaseMessage[])[]): readonly BaseMessage[] {
  const messages: BaseMessage[] = [];
  for (const list of lists) for (const message of list) messages.push(message);
  return messages;
}

type VariablesOf<Of> = Of extends readonly unknown[] ? MessagesVariables<Of> : Of;
