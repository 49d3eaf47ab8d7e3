import {
  andThen,
  describe,
  MessageCoercionError,
  Runnable,
  type BaseMessage,
  type MaybePromise,
  type Ready,
  type RunContext,
  type RunType,
} from '@pipewright/core';
import { InputReader, type PromptVariable } from './input-reader.js';
import type { ContentPart } from './content-part.js';
import type { ContentTemplate } from './message-content.js';
import type { MessagePart } from './message-part.js';
import { MessageTemplate, type ExtraMessageFields } from './message-template.js';
import type { PromptInput } from './prompt-input.js';
import type { TemplateFormat, TemplateOptions } from './template.js';
import type { VariableValues } from './values.js';

/**
 * What a message's template is made of: a prompt for its text, or several for texts, images and blocks. The variables of
 * several are not known to the compiler; `fromTemplate` takes several, too, and reads them off.
 */
export type MessagePrompt<Variables> = ContentPart<Variables> | readonly ContentPart<never>[];

export interface MessagePromptTemplateFields<Variables> {
  readonly prompt: MessagePrompt<Variables>;
}

/**
 * One message whose content is a template: part of a chat prompt, or a runnable by itself that gives a list of this message.
 */
export abstract class BaseMessagePromptTemplate<Variables>
  extends Runnable<PromptInput<Variables>, readonly BaseMessage[]>
  implements MessagePart<Variables>
{
  declare readonly '~variables'?: (variables: Variables) => void;
  override readonly runType: RunType = 'prompt';
  readonly variables: readonly PromptVariable[];
  /** The names of the variables that a call must give, in the order of first use. */
  readonly inputVariables: readonly string[];
  readonly '~message': MessageTemplate;
  readonly '~input': InputReader;

  constructor(role: string, content: ContentTemplate, fields?: ExtraMessageFields, format?: TemplateFormat) {
    super();
    this['~message'] = new MessageTemplate(role, content, fields, format);
    this['~input'] = new InputReader({ variables: this['~message'].variables });
    this.variables = this['~input'].variables;
    this.inputVariables = this['~input'].required;
  }

  run(
    input: Ready<PromptInput<Variables>, unknown>,
    context: RunContext,
  ): MaybePromise<readonly BaseMessage[]> {
    return andThen(this['~input'].read(input), (values) => this.messagesFor(values, context));
  }

  get stored(): Readonly<Record<string, unknown>> {
    return this['~message'].stored;
  }

  /** As part of a chat prompt. */
  messagesFor(values: VariableValues, context: RunContext): MaybePromise<readonly BaseMessage[]> {
    return this['~message'].messagesFor(values, context);
  }

  /** Fills the message in. Rejects as `invoke` does. */
  async format(input: PromptInput<Variables>): Promise<BaseMessage> {
    const [message] = await this.invoke(input);
    return message as BaseMessage;
  }

  /** Fills the message in, as a list of it. */
  formatMessages(input: PromptInput<Variables>): Promise<readonly BaseMessage[]> {
    return this.invoke(input);
  }
}

/** How a role's template is made from a text or from blocks. `name` and the like are given on, not templated. */
export type MessageTemplateOptions<Format extends TemplateFormat> = TemplateOptions<Format> &
  ExtraMessageFields;

type Given = MessagePrompt<never> | MessagePromptTemplateFields<never>;

/** What a role's constructor was given, which LangChain takes in two forms, as the arguments of the base. */
export function contentIn(
  given: Given,
): [content: ContentTemplate, fields?: ExtraMessageFields | undefined, format?: TemplateFormat | undefined] {
  if (given instanceof Templated) return [given.prompt, given.fields, given.format];
  if (typeof given !== 'object' || given === null) {
    throw new MessageCoercionError(
      `The prompt of a message is ${describe(given)}; give a PromptTemplate, or use fromTemplate() for a text.`,
    );
  }
  return ['prompt' in given ? given.prompt : given];
}

/** Content that is still to be compiled, in the place of a prompt. */
class Templated {
  constructor(
    readonly prompt: ContentTemplate,
    readonly fields: ExtraMessageFields | undefined,
    readonly format: TemplateFormat | undefined,
  ) {}
}

export function templated<Variables>(
  content: ContentTemplate,
  options: MessageTemplateOptions<TemplateFormat> = {},
): MessagePromptTemplateFields<Variables> {
  const { templateFormat, ...fields } = options;
  const isPlain = Object.keys(fields).length === 0;
  return new Templated(
    content,
    isPlain ? undefined : fields,
    templateFormat,
  ) as unknown as MessagePromptTemplateFields<Variables>;
}
