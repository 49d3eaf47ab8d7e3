import {
  andThen,
  changedFields,
  ChatPromptValue,
  ConfigError,
  type BaseMessage,
  type Manifest,
  type MaybePromise,
  type RunContext,
} from '@pipewright/core';
import { BasePromptTemplate, isPromptTemplate } from './base-prompt-template.js';
import { ownExamples, exampleSource, type ExampleFields, type ExampleSource } from './example-source.js';
import { gather } from './gather.js';
import type { MessagePart } from './message-part.js';
import type { PartialValues, PromptInput, WithPreset } from './prompt-input.js';
import type { VariableValues } from './values.js';

export interface FewShotChatMessagePromptTemplateFields<
  Input extends string = string,
  Preset extends string = string,
> extends ExampleFields {
  /** Shows one example, as messages. */
  readonly examplePrompt: BasePromptTemplate<never, ChatPromptValue>;
  /** The variables that the selector reads. */
  readonly inputVariables?: readonly Input[];
  /** Values set beforehand; see `partial`. */
  readonly partialVariables?: { readonly [Name in Preset]: unknown };
}

/**
 * Examples as messages, each filled into the messages of its own prompt: part of a chat prompt, or a prompt by itself.
 *
 * @throws ConfigError when there are both examples and a selector, or neither, or an example is incomplete
 *
 * @example
 * ```ts
 * import { ChatPromptTemplate, FewShotChatMessagePromptTemplate } from '@pipewright/prompts';
 *
 * const examples = new FewShotChatMessagePromptTemplate({
 *   examples: [
 *     { input: '2 + 2', output: '4' },
 *     { input: '2 + 3', output: '5' },
 *   ],
 *   examplePrompt: ChatPromptTemplate.fromMessages([
 *     ['human', '{input}'],
 *     ['ai', '{output}'],
 *   ]),
 * });
 * const prompt = ChatPromptTemplate.fromMessages([['system', 'Add up.'], examples, ['human', '{input}']]);
 * const messages = await prompt.formatMessages({ input: '3 + 4' });
 * ```
 */
export class FewShotChatMessagePromptTemplate<
    const Input extends string = never,
    Preset extends string = never,
  >
  extends BasePromptTemplate<WithPreset<InputVariables<Input>, Preset>, ChatPromptValue>
  implements MessagePart<WithPreset<InputVariables<Input>, Preset>>
{
  readonly name = 'FewShotChatMessagePromptTemplate';
  readonly fields: FewShotChatMessagePromptTemplateFields;
  readonly '~examples': ExampleSource;

  constructor(fields: FewShotChatMessagePromptTemplateFields<Input, Preset>) {
    const { inputVariables = [], partialVariables, examplePrompt } = fields;
    super({
      variables: inputVariables.map((name) => ({ name })),
      partialVariables: partialVariables as VariableValues | undefined,
    });
    if (!isPromptTemplate(examplePrompt)) {
      throw new ConfigError(
        'examplePrompt',
        'A few-shot prompt needs an examplePrompt that shows an example.',
      );
    }
    this.fields = ownExamples(fields) as FewShotChatMessagePromptTemplateFields;
    this['~examples'] = exampleSource(this.fields, examplePrompt);
  }

  override get manifest(): Manifest {
    return { kind: 'FewShotChatMessagePromptTemplate', options: { ...this.fields } };
  }

  override withFields(
    fields: Readonly<Record<string, unknown>>,
  ): FewShotChatMessagePromptTemplate<Input, Preset> {
    return new FewShotChatMessagePromptTemplate(
      changedFields({ fields: this.fields }, fields).fields as never,
    );
  }

  valueFor(values: VariableValues, context: RunContext): MaybePromise<ChatPromptValue> {
    const { examplePrompt } = this.fields;
    const shown = andThen(this['~examples'](values, context), (examples) =>
      gather(examples, (example) => examplePrompt['~fillFrom'](example, context)),
    );
    return andThen(shown, (prompts) => new ChatPromptValue(prompts.flatMap((prompt) => prompt.toMessages())));
  }

  /** As part of a chat prompt. */
  messagesFor(values: VariableValues, context: RunContext): MaybePromise<readonly BaseMessage[]> {
    return andThen(this['~fillFrom'](values, context), (value) => value.messages);
  }

  /** Fills the prompt in as a list of messages. Rejects as `invoke` does. */
  async formatMessages(
    input: PromptInput<WithPreset<InputVariables<Input>, Preset>>,
  ): Promise<readonly BaseMessage[]> {
    return (await this.invoke(input)).messages;
  }

  /** The same prompt with some variables set beforehand; see `PromptTemplate.partial`. */
  partial<Name extends Input>(
    values: PartialValues<InputVariables<Input>, Name>,
  ): FewShotChatMessagePromptTemplate<Input, Preset | Name> {
    const partialVariables: VariableValues = { ...this.partialVariables, ...(values as VariableValues) };
    const fields = { ...this.fields, partialVariables };
    return this.withFields({ fields }) as unknown as FewShotChatMessagePromptTemplate<Input, Preset | Name>;
  }
}

type InputVariables<Input extends string> = { [Name in Input]: unknown };
