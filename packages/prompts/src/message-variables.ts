import type { BaseMessage } from '@pipewright/core';
import type { MessagePart } from './message-part.js';
import type { PlaceholderVariables } from './messages-placeholder.js';
import type { Flat, OpenVariables, ProblemOf, TemplateVariables } from './variables.js';

// The variables of a chat prompt, read off the literal type of its list of messages. Item by item: a union of all texts
// would be `string` as soon as one of them is no literal, and the names in the others would be lost.

/** The variables of all messages together; one that any of them requires is required. */
export type MessagesVariables<Likes extends readonly unknown[]> = Flat<
  Joined<{ [Index in keyof Likes]: VariablesOfMessage<Likes[Index]> }[number]>
>;

/** Asks nothing of a list of messages, unless the compiler sees a malformed template: then nothing fits but the reason. */
export type CheckedMessages<Likes extends readonly unknown[]> = [ProblemIn<Likes>] extends [never]
  ? unknown
  : ProblemIn<Likes>;

type ProblemIn<Likes extends readonly unknown[]> = {
  [Index in keyof Likes]: TextsOf<Likes[Index]> extends infer Texts
    ? Texts extends readonly [infer Text extends string]
      ? ProblemOf<Text>
      : never
    : never;
}[number];

type VariablesOfMessage<Like> =
  Like extends MessagePart<infer Variables>
    ? Variables
    : Like extends readonly ['placeholder', infer Text]
      ? Text extends `{${infer Name}}`
        ? PlaceholderVariables<Name, true>
        : OpenVariables
      : [TextsOf<Like>] extends [never]
        ? {}
        : TextsOf<Like> extends infer Texts
          ? Texts extends readonly [infer Text extends string]
            ? TemplateVariables<Text>
            : never
          : never;

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
