import type { BaseMessage } from '@pipewright/core';
import type { ContentPart } from './content-part.js';
import type { MessagePart } from './message-part.js';
import type { PlaceholderVariables } from './messages-placeholder.js';
import type { TemplateFormat } from './template.js';
import type { Flat, OpenVariables, ProblemOf, TemplateVariables } from './variables.js';

// The variables of a chat prompt, read off the literal type of its list of messages. Item by item: a union of all texts
// would be `string` as soon as one of them is no literal, and the names in the others would be lost.

/** The variables of all messages together; one that any of them requires is required. */
export type MessagesVariables<
  Likes extends readonly unknown[],
  Format extends TemplateFormat = 'f-string',
> = Flat<Joined<{ [Index in keyof Likes]: VariablesOfMessage<Likes[Index], Format> }[number]>>;

/** Asks nothing of a list of messages, unless the compiler sees a malformed template: then nothing fits but the reason. */
export type CheckedMessages<Likes extends readonly unknown[], Format extends TemplateFormat = 'f-string'> = [
  ProblemIn<Likes, Format>,
] extends [never]
  ? unknown
  : ProblemIn<Likes, Format>;

/** The variables of one message's content. */
export type ContentVariables<Content, Format extends TemplateFormat = 'f-string'> = Flat<
  Joined<VariablesOfContent<Content, Format>>
>;

/** As `CheckedMessages`, for one message's content. */
export type CheckedContent<Content, Format extends TemplateFormat = 'f-string'> = CheckedMessages<
  readonly [readonly ['human', Content]],
  Format
>;

type ProblemIn<Likes extends readonly unknown[], Format extends TemplateFormat> = {
  [Index in keyof Likes]: TextsOf<Likes[Index]> extends infer Texts
    ? Texts extends readonly [infer Text extends string]
      ? ProblemOf<Text, Format>
      : never
    : never;
}[number];

type VariablesOfMessage<Like, Format extends TemplateFormat> =
  Like extends MessagePart<infer Variables>
    ? Variables
    : Like extends readonly ['placeholder', infer Text]
      ? Text extends `{{${infer Name}}}`
        ? PlaceholderVariables<Name, true>
        : Text extends `{${infer Name}}`
          ? PlaceholderVariables<Name, true>
          : OpenVariables
      : Like extends string
        ? TemplateVariables<Like, Format>
        : Like extends BaseMessage
          ? {}
          : Like extends readonly [unknown, infer Content] | { readonly content: infer Content }
            ? VariablesOfContent<Content, Format>
            : {};

type VariablesOfContent<Content, Format extends TemplateFormat> =
  | VariablesOfTexts<TextsIn<Content>, Format>
  | (Content extends ContentPart<infer Variables> ? Variables : {})
  | (Content extends readonly unknown[] ? PartVariables<Content> : {});

type VariablesOfTexts<Texts, Format extends TemplateFormat> = Texts extends readonly [
  infer Text extends string,
]
  ? TemplateVariables<Text, Format>
  : {};

type PartVariables<Items extends readonly unknown[]> = {
  [Index in keyof Items]: Items[Index] extends ContentPart<infer Variables> ? Variables : {};
}[number];

/** The templates that a message is made of, each as `[Text]`. One that is a message already has none. */
type TextsOf<Like> = Like extends string
  ? [Like]
  : Like extends BaseMessage | MessagePart<never>
    ? never
    : Like extends readonly [unknown, infer Content]
      ? TextsIn<Content>
      : Like extends { readonly content: infer Content }
        ? TextsIn<Content>
        : never;

/** Every text in plain data, each as `[Text]`. What the compiler knows too little of may hold any. */
type TextsIn<Data, Levels extends string = '......'> = Levels extends `.${infer Fewer}`
  ? unknown extends Data
    ? [string]
    : Data extends string
      ? [Data]
      : Data extends ContentPart<never>
        ? never
        : Data extends readonly unknown[]
          ? { [Index in keyof Data]: TextsIn<Data[Index], Fewer> }[number]
          : Data extends (...input: never) => unknown
            ? never
            : Data extends object
              ? { [Key in keyof Data]-?: TextsIn<Data[Key], Fewer> }[keyof Data]
              : never
  : [string];

type Joined<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
