import type { MaybePromise } from '@pipewright/core';
import type { Flat } from './variables.js';

/** What a prompt takes: its variables, or, if exactly one is required, the bare value of that one. */
export type PromptInput<Variables> = Variables | BareValue<Variables>;

type BareValue<Variables> =
  IsUnion<RequiredName<Variables>> extends false
    ? Extract<Variables[RequiredName<Variables>], string | number | boolean | bigint | readonly unknown[]>
    : never;

type RequiredName<Variables> = {
  [Name in keyof Variables]-?: {} extends Pick<Variables, Name> ? never : Name;
}[keyof Variables];

/** False for a single type, true for a union, never for never. */
type IsUnion<Type, Whole = Type> = Type extends unknown ? ([Whole] extends [Type] ? false : true) : never;

/** Values set beforehand: each a value, or a function that gives one, or a promise of one, at each call. */
export type PartialValues<Variables, Name extends keyof Variables = keyof Variables> = {
  readonly [Key in Name]: Variables[Key] | (() => MaybePromise<Variables[Key]>);
};

/** The variables, those that have been set beforehand being optional. */
export type WithPreset<Variables, Preset> = [Preset] extends [never]
  ? Variables
  : Flat<
      { [Name in keyof Variables as Name extends Preset ? never : Name]: Variables[Name] } & {
        [Name in keyof Variables as Name extends Preset ? Name : never]?: Variables[Name];
      }
    >;
