import type { Malformed, NotAName, FullFuel } from '../variables.js';

// The variables of a mustache template, read off its literal type: the type-level twin of scan.ts and parse.ts.

/** A variable that is read by names inside it, such as `user` in `{{user.name}}`. */
export interface Holder<Name extends string> {
  readonly holder: Name;
}

/** A variable that may be missing: what a section is about, and what is read inside of one. */
export interface Optional<Name extends string> {
  readonly optional: Name;
}

/**
 * The variables, each by its name, as Holder or as Optional; or that the template is malformed; or `string` when there are
 * too many tags to read. `Open` holds the sections that are open, the innermost first.
 */
export type ScanMustache<
  Text extends string,
  Open extends string = '',
  Found = never,
  Fuel extends string = FullFuel,
> = Fuel extends `.${infer Less}`
  ? Text extends `${string}{{${infer Rest}`
    ? Rest extends `!${string}}}${infer After}`
      ? ScanMustache<After, Open, Found, Less>
      : Rest extends `{${infer Tag}}}}${infer After}`
        ? Next<After, Open, Found, Less, VariableOf<Trimmed<Tag>, Open>>
        : Rest extends `${infer Tag}}}${infer After}`
          ? ReadTag<Trimmed<Tag>, After, Open, Found, Less>
          : Malformed<'A "{{" is never closed'>
    : Open extends `${infer Section} ${string}`
      ? Malformed<`The section "{{#${Section}}}" is never closed`>
      : Found
  : string;

type ReadTag<
  Tag extends string,
  After extends string,
  Open extends string,
  Found,
  Fuel extends string,
> = Tag extends `${'#' | '^'}${infer Name}`
  ? Trimmed<Name> extends infer Section extends string
    ? Next<After, `${Section} ${Open}`, Found, Fuel, VariableOf<Section, '. '>>
    : never
  : Tag extends `/${infer Name}`
    ? Open extends `${Trimmed<Name>} ${infer Outer}`
      ? ScanMustache<After, Outer, Found, Fuel>
      : Malformed<`"{{/${Trimmed<Name>}}}" closes no open section`>
    : Tag extends `!${string}`
      ? ScanMustache<After, Open, Found, Fuel>
      : Tag extends `${'>' | '='}${string}`
        ? Malformed<`"{{${Tag}}}" is not supported`>
        : Next<
            After,
            Open,
            Found,
            Fuel,
            VariableOf<Tag extends `&${infer Name}` ? Trimmed<Name> : Tag, Open>
          >;

/** On to what comes after. `{{.}}` reads no variable, so `More` may be never. */
type Next<After extends string, Open extends string, Found, Fuel extends string, More> = [More] extends [
  never,
]
  ? ScanMustache<After, Open, Found, Fuel>
  : [More] extends [Malformed<string>]
    ? More
    : ScanMustache<After, Open, Found | More, Fuel>;

/** What a name stands for, outside of sections or, where some are open, inside of them. */
type VariableOf<Name extends string, Open extends string> = Name extends '.'
  ? never
  : Name extends `${infer Root}.${infer Path}`
    ? Root extends NotAName
      ? NoVariable<Name>
      : VariableOf<Path, Open> extends Malformed<string>
        ? NoVariable<Name>
        : Open extends ''
          ? Holder<Root>
          : Optional<Root>
    : Name extends NotAName
      ? NoVariable<Name>
      : Open extends ''
        ? Name
        : Optional<Name>;

type NoVariable<Name extends string> =
  Malformed<`"{{${Name}}}" is no variable: write {{name}} with letters, digits and _, or {{name.part}}`>;

type Trimmed<Text extends string> = Text extends `${Space}${infer Rest}`
  ? Trimmed<Rest>
  : Text extends `${infer Rest}${Space}`
    ? Trimmed<Rest>
    : Text;
type Space = ' ' | '\n' | '\t';
