import type { ContentTemplate } from './message-content.js';
import {
  BaseMessagePromptTemplate,
  contentIn,
  templated,
  type MessagePrompt,
  type MessagePromptTemplateFields,
  type MessageTemplateOptions,
} from './message-prompt-template.js';
import type { CheckedContent, ContentVariables } from './message-variables.js';
import type { ExtraMessageFields } from './message-template.js';
import type { TemplateFormat } from './template.js';
import type { OpenVariables } from './variables.js';

/**
 * A system message with variables; `['system', template]` in a chat prompt is the same.
 *
 * @example
 * ```ts
 * import { ChatPromptTemplate, HumanMessagePromptTemplate, SystemMessagePromptTemplate } from '@pipewright/prompts';
 *
 * const prompt = ChatPromptTemplate.fromMessages([
 *   SystemMessagePromptTemplate.fromTemplate('You are {persona}.'),
 *   HumanMessagePromptTemplate.fromTemplate('{question}'),
 * ]);
 * const messages = await prompt.formatMessages({ persona: 'a poet', question: 'What rhymes with orange?' });
 * ```
 */
export class SystemMessagePromptTemplate<
  Variables = OpenVariables,
> extends BaseMessagePromptTemplate<Variables> {
  readonly name = 'SystemMessagePromptTemplate';

  constructor(prompt: MessagePrompt<Variables> | MessagePromptTemplateFields<Variables>) {
    super('system', ...contentIn(prompt));
  }

  static fromTemplate<const Content extends ContentTemplate, Format extends TemplateFormat = 'f-string'>(
    template: Content & CheckedContent<Content, Format>,
    options?: MessageTemplateOptions<Format>,
  ): SystemMessagePromptTemplate<ContentVariables<Content, Format>> {
    return new SystemMessagePromptTemplate(templated(template, options));
  }
}

/** A message of the user's with variables; `['human', template]` in a chat prompt is the same. */
export class HumanMessagePromptTemplate<
  Variables = OpenVariables,
> extends BaseMessagePromptTemplate<Variables> {
  readonly name = 'HumanMessagePromptTemplate';

  constructor(prompt: MessagePrompt<Variables> | MessagePromptTemplateFields<Variables>) {
    super('human', ...contentIn(prompt));
  }

  static fromTemplate<const Content extends ContentTemplate, Format extends TemplateFormat = 'f-string'>(
    template: Content & CheckedContent<Content, Format>,
    options?: MessageTemplateOptions<Format>,
  ): HumanMessagePromptTemplate<ContentVariables<Content, Format>> {
    return new HumanMessagePromptTemplate(templated(template, options));
  }
}

/** A message of the model's with variables; `['ai', template]` in a chat prompt is the same. */
export class AIMessagePromptTemplate<Variables = OpenVariables> extends BaseMessagePromptTemplate<Variables> {
  readonly name = 'AIMessagePromptTemplate';

  constructor(prompt: MessagePrompt<Variables> | MessagePromptTemplateFields<Variables>) {
    super('ai', ...contentIn(prompt));
  }

  static fromTemplate<const Content extends ContentTemplate, Format extends TemplateFormat = 'f-string'>(
    template: Content & CheckedContent<Content, Format>,
    options?: MessageTemplateOptions<Format>,
  ): AIMessagePromptTemplate<ContentVariables<Content, Format>> {
    return new AIMessagePromptTemplate(templated(template, options));
  }
}

/**
 * A message with variables, of a role of your own.
 *
 * @example
 * ```ts
 * import { ChatMessagePromptTemplate } from '@pipewright/prompts';
 *
 * const critic = ChatMessagePromptTemplate.fromTemplate('I doubt that {claim}.', 'critic');
 * const message = await critic.format({ claim: 'bears fly' });
 * ```
 */
export class ChatMessagePromptTemplate<
  Variables = OpenVariables,
> extends BaseMessagePromptTemplate<Variables> {
  readonly name = 'ChatMessagePromptTemplate';
  readonly role: string;

  constructor(fields: MessagePromptTemplateFields<Variables> & { readonly role: string });
  constructor(prompt: MessagePrompt<Variables> | MessagePromptTemplateFields<Variables>, role: string);
  constructor(
    given: MessagePrompt<Variables> | MessagePromptTemplateFields<Variables>,
    role = (given as unknown as { readonly role: string }).role,
  ) {
    const [content, fields, format] = contentIn(given);
    // The type tells a role of one's own from those that have a class.
    super(role, content, { ...fields, type: 'generic' } as ExtraMessageFields, format);
    this.role = role;
  }

  static fromTemplate<const Content extends ContentTemplate, Format extends TemplateFormat = 'f-string'>(
    template: Content & CheckedContent<Content, Format>,
    role: string,
    options?: MessageTemplateOptions<Format>,
  ): ChatMessagePromptTemplate<ContentVariables<Content, Format>> {
    return new ChatMessagePromptTemplate(templated(template, options), role);
  }
}
