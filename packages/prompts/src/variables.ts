import type { Holder, Optional, ScanMustache } from './mustache/variables.js';
import type { TemplateFormat } from './template.js';
import type { TemplateValue } from './text-value.js';

// The variables of a template, read off its literal type: the type-level twin of f-string.ts.

/** The variables of a prompt whose template the compiler does not know: any names, checked when it is called. */
export type OpenVariables = Readonly<Record<string, unknown>>;

/** Variables of these names, all of one type. */
export type Named<Name extends string, Value> = string extends Name
  ? OpenVariables
  : { [Key in Name]: Value };

/**
 * The variables of a template: `'{a} and {b}'` gives `{ a: TemplateValue; b: TemplateValue }`. In mustache, what sections
 * are about and what is read inside of them may be left out.
 */
export type TemplateVariables<Text extends string, Format extends TemplateFormat = 'f-string'> =
  FoundIn<Text, Format> extends infer Found
    ? [Found] extends [string]
      ? Named<Found, TemplateValue>
      : string extends Found
        ? OpenVariables
        : Extract<Found, Malformed<string>> extends never
          ? Flat<
              { [Name in Extract<Found, string>]: TemplateValue } & {
                [Name in Extract<Found, Holder<string>>['holder']]: object;
              } & { [Name in Extract<Found, Optional<string>>['optional']]?: unknown }
            >
          : OpenVariables
    : never;

/** The template itself, or, where the compiler sees that it is malformed, the reason: nothing else can be assigned to it. */
export type CheckedTemplate<Text extends string, Format extends TemplateFormat = 'f-string'> = [
  ProblemOf<Text, Format>,
] extends [never]
  ? Text
  : ProblemOf<Text, Format>;

/** Why a template is malformed; never, if it is not. */
export type ProblemOf<Text extends string, Format extends TemplateFormat = 'f-string'> =
  FoundIn<Text, Format> extends infer Found
    ? Found extends Malformed<infer Problem>
      ? Problem
      : never
    : never;

export interface Malformed<Problem extends string> {
  readonly problem: Problem;
}

/**
 * The names in a template, or that it is malformed, or `string` where any name is possible: for `string` itself and for
 * patterns such as `a ${string}`, which are told from literals by fitting an index signature.
 */
type FoundIn<Text extends string, Format extends TemplateFormat> = Text extends unknown
  ? {} extends Record<Text, unknown>
    ? string
    : [Format] extends ['f-string']
      ? Scan<Text>
      : [Format] extends ['mustache']
        ? ScanMustache<Text>
        : string
  : never;

/** Jumps from brace to brace. `Fuel` counts the jumps: templates with more braces than that are not read. */
type Scan<
  Text extends string,
  Found extends string = never,
  Fuel extends string = FullFuel,
> = Fuel extends `.${infer Less}`
  ? Text extends `${string}{${infer Rest}`
    ? Rest extends `{${infer After}`
      ? Scan<After, Found, Less>
      : Rest extends `${infer Name}}${infer After}`
        ? Name extends NotAName
          ? Malformed<`"{${Name}}" is no variable: write {name} with letters, digits and _, and double a brace of the text`>
          : Scan<After, Found | Name, Less>
        : Malformed<'A "{" is never closed: write {name} for a variable, {{ for a brace'>
    : Found
  : string;

/** 400 jumps; the compiler's own limit is 1000. */
export type FullFuel = Twenty<Twenty<'.'>>;
type Twenty<Text extends string> = Twice<Twice<`${Text}${Text}${Text}${Text}${Text}`>>;
type Twice<Text extends string> = `${Text}${Text}`;

/** The mistakes people make. What else is no name is found when the prompt is built. */
export type NotAName = '' | `${string}${NeverInName}${string}` | `${Digit}${string}`;
type NeverInName = CharacterOf<' \n\t"\'`([{<.,:;!?-+*/=$@#%&|'>;
type Digit = CharacterOf<'0123456789'>;
type CharacterOf<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? First | CharacterOf<Rest>
  : never;

/** An intersection written out as one object. */
export type Flat<Type> = { [Key in keyof Type]: Type[Key] } & {};
