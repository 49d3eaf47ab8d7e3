import {
  andThen,
  changedFields,
  ChatPromptValue,
  ConfigError,
  describe,
  isPromise,
  type BaseMessage,
  type MaybePromise,
  type RunContext,
  type Manifest,
} from '@pipewright/core';
import { BasePromptTemplate } from './base-prompt-template.js';
import { gather } from './gather.js';
import { isMessagePart, type MessagePart } from './message-part.js';
import { partOf, type MessageTemplateLike } from './message-template-like.js';
import type { CheckedMessages, MessagesVariables } from './message-variables.js';
import type { PartialValues, PromptInput, WithPreset } from './prompt-input.js';
import type { TemplateFormat, TemplateOptions } from './template.js';
import type { VariableValues } from './values.js';
import type { CheckedTemplate, Flat, OpenVariables, TemplateVariables } from './variables.js';

export interface ChatPromptTemplateFields<
  Likes extends readonly MessageTemplateLike[],
  Preset extends string,
  Format extends TemplateFormat = 'f-string',
> extends TemplateOptions<Format> {
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
export class ChatPromptTemplate<
    const Of = OpenVariables,
    Preset extends string = never,
    Format extends TemplateFormat = 'f-string',
  >
  extends BasePromptTemplate<WithPreset<VariablesOf<Of, Format>, Preset>, ChatPromptValue>
  implements MessagePart<WithPreset<VariablesOf<Of, Format>, Preset>>
{
  readonly name: string = 'ChatPromptTemplate';
  readonly promptMessages: readonly MessagePart<never>[];
  readonly templateFormat: TemplateFormat;

  constructor(
    fields: ChatPromptTemplateFields<
      Of extends readonly MessageTemplateLike[] ? Of : readonly MessageTemplateLike[],
      Preset,
      Format
    >,
  ) {
    const { promptMessages, templateFormat = 'f-string' } = fields;
    if (!Array.isArray(promptMessages)) {
      throw new ConfigError(
        'promptMessages',
        `The messages of a prompt are a list; got ${describe(promptMessages)}.`,
      );
    }
    const parts = (promptMessages as readonly MessageTemplateLike[]).map((like, index) =>
      partOf(like, index, templateFormat),
    );
    super({ ...fields, variables: parts.flatMap((part) => part.variables) });
    this.promptMessages = parts;
    this.templateFormat = templateFormat;
  }

  /** Makes a prompt of one message of the user's. */
  static fromTemplate<const Text extends string, Format extends TemplateFormat = 'f-string'>(
    template: CheckedTemplate<Text, Format>,
    options: TemplateOptions<Format> = {},
  ): ChatPromptTemplate<TemplateVariables<Text, Format>, never, Format> {
    const prompt = new ChatPromptTemplate({ promptMessages: [['human', template as string]], ...options });
    return prompt as unknown as ChatPromptTemplate<TemplateVariables<Text, Format>, never, Format>;
  }

  /** Makes a prompt of messages, in any of the forms that `MessageTemplateLike` names. */
  static fromMessages<
    const Likes extends readonly MessageTemplateLike[],
    Format extends TemplateFormat = 'f-string',
  >(
    messages: Likes & CheckedMessages<Likes, Format>,
    options: TemplateOptions<Format> = {},
  ): ChatPromptTemplate<MessagesVariables<Likes, Format>, never, Format> {
    const promptMessages: readonly MessageTemplateLike[] = messages;
    const prompt = new ChatPromptTemplate({ promptMessages, ...options });
    return prompt as unknown as ChatPromptTemplate<MessagesVariables<Likes, Format>, never, Format>;
  }

  override get manifest(): Manifest {
    const { promptMessages, templateFormat, partialVariables } = this;
    const stored = promptMessages.map((part) => part.stored ?? part);
    const options = { promptMessages: stored, templateFormat, partialVariables };
    return { kind: 'ChatPromptTemplate', options };
  }

  override withFields(fields: Readonly<Record<string, unknown>>): ChatPromptTemplate<Of, Preset, Format> {
    const { promptMessages, templateFormat, partialVariables } = this;
    const own = { promptMessages, templateFormat, partialVariables };
    return new ChatPromptTemplate(changedFields(own, fields) as never);
  }

  valueFor(values: VariableValues, context: RunContext): MaybePromise<ChatPromptValue> {
    const parts = this.promptMessages;
    const messages: BaseMessage[] = [];
    for (let index = 0; index < parts.length; index += 1) {
      const made = (parts[index] as MessagePart<never>).messagesFor(values, context);
      if (isPromise(made)) {
        // It and those after it are made side by side.
        const lists = gather(parts.slice(index), (part, after) =>
          after === 0 ? made : part.messagesFor(values, context),
        );
        return andThen(lists, (later) => new ChatPromptValue([...messages, ...later.flat()]));
      }
      for (const message of made) messages.push(message);
    }
    return new ChatPromptValue(messages);
  }

  /** As part of another prompt. */
  messagesFor(values: VariableValues, context: RunContext): MaybePromise<readonly BaseMessage[]> {
    return andThen(this['~fillFrom'](values, context), (value) => value.messages);
  }

  /** Fills the prompt in as a list of messages. Rejects as `invoke` does. */
  async formatMessages(
    input: PromptInput<WithPreset<VariablesOf<Of, Format>, Preset>>,
  ): Promise<readonly BaseMessage[]> {
    return (await this.invoke(input)).messages;
  }

  /**
   * The same prompt with some variables set beforehand, by a value, or by a function, also an async one, that is called for
   * it at each run. A call may still give them, and then its values count.
   */
  partial<Name extends keyof VariablesOf<Of, Format> & string>(
    values: PartialValues<VariablesOf<Of, Format>, Name>,
  ): ChatPromptTemplate<Of, Preset | Name, Format> {
    const partialVariables: VariableValues = { ...this.partialVariables, ...values };
    return this.withFields({ partialVariables }) as unknown as ChatPromptTemplate<Of, Preset | Name, Format>;
  }

  /**
   * These messages, then others: those of a list, in the forms that `fromMessages` takes and written as this prompt's are,
   * or of another prompt.
   */
  concat<const Likes extends readonly MessageTemplateLike[]>(
    messages: Likes & CheckedMessages<Likes, Format>,
  ): ChatPromptTemplate<
    Flat<WithPreset<VariablesOf<Of, Format>, Preset> & MessagesVariables<Likes, Format>>,
    never,
    Format
  >;
  concat<Variables>(
    part: MessagePart<Variables>,
  ): ChatPromptTemplate<Flat<WithPreset<VariablesOf<Of, Format>, Preset> & Variables>, never, Format>;
  concat(others: unknown): ChatPromptTemplate<never> {
    // What has been set beforehand stays with the messages it was set for.
    const own = this['~input'].preset.length > 0 ? [this] : this.promptMessages;
    const more = isMessagePart(others) ? [others] : (others as readonly MessageTemplateLike[]);
    const joined = { promptMessages: [...own, ...more], partialVariables: {} };
    return this.withFields(joined) as unknown as ChatPromptTemplate<never>;
  }
}

type VariablesOf<Of, Format extends TemplateFormat> = Of extends readonly unknown[]
  ? MessagesVariables<Of, Format>
  : Of;
