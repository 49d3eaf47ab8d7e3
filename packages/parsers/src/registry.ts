import type { Kind, OptionType, Registry } from '@pipewright/core';
import { BytesOutputParser } from './bytes-output-parser.js';
import { JsonOutputParser } from './json/json-output-parser.js';
import { StructuredOutputParser } from './json/structured-output-parser.js';
import { CommaSeparatedListOutputParser } from './list/comma-separated-list-output-parser.js';
import { CustomListOutputParser } from './list/custom-list-output-parser.js';
import { MarkdownListOutputParser } from './list/markdown-list-output-parser.js';
import { NumberedListOutputParser } from './list/numbered-list-output-parser.js';
import { StringOutputParser } from './string-output-parser.js';
import { JsonOutputKeyToolsParser } from './tools/json-output-key-tools-parser.js';
import { JsonOutputToolsParser } from './tools/json-output-tools-parser.js';
import { BooleanOutputParser } from './whole/boolean-output-parser.js';
import { CombiningOutputParser } from './whole/combining-output-parser.js';
import { DatetimeOutputParser } from './whole/datetime-output-parser.js';
import { EnumOutputParser } from './whole/enum-output-parser.js';
import { XMLOutputParser } from './xml/xml-output-parser.js';

type Loaded = ReturnType<Kind['load']>;

/** A parser that is made of its fields. What it is given has been checked against `options`. */
function made(
  Parser: new (fields: never) => Loaded,
  options: Readonly<Record<string, OptionType>> = {},
): Kind {
  return { options, load: (parts) => new Parser(parts.options as never) };
}

const limits = { maxLength: 'number', maxDepth: 'number', maxMembers: 'number' } as const;

/**
 * The parsers of this package, for `loads`. A `RegexParser` is not among them: a pattern from a stored chain could keep a
 * process busy for ever. It goes by its name, as a StructuredOutputParser with a schema that validates does.
 *
 * @example
 * ```ts
 * import { coreRegistry, dumps, loads } from '@pipewright/core';
 * import { MarkdownListOutputParser, parsersRegistry } from '@pipewright/parsers';
 *
 * const text = dumps(new MarkdownListOutputParser());
 * const parser = loads<string, string[]>(text, { registry: [coreRegistry, parsersRegistry] });
 * const items = await parser.invoke('- one\n- two');
 * ```
 */
// A call, so that bundlers can leave out parsers that are not used: they know that nothing happens in it.
export const parsersRegistry: Registry = /* @__PURE__ */ registry();

function registry(): Registry {
  return {
    kinds: {
      StringOutputParser: made(StringOutputParser),
      BytesOutputParser: made(BytesOutputParser),
      CommaSeparatedListOutputParser: made(CommaSeparatedListOutputParser),
      NumberedListOutputParser: made(NumberedListOutputParser),
      MarkdownListOutputParser: made(MarkdownListOutputParser),
      CustomListOutputParser: made(CustomListOutputParser, { separator: 'text', length: 'number' }),
      DatetimeOutputParser: made(DatetimeOutputParser),
      BooleanOutputParser: made(BooleanOutputParser, { trueVal: 'text', falseVal: 'text' }),
      EnumOutputParser: made(EnumOutputParser, { values: 'texts' }),
      JsonOutputParser: made(JsonOutputParser, {
        ...limits,
        strict: 'flag',
        repair: 'function',
        diff: 'flag',
      }),
      XMLOutputParser: made(XMLOutputParser, { ...limits, tags: 'texts' }),
      JsonOutputToolsParser: made(JsonOutputToolsParser, { returnId: 'flag', json: 'record' }),
      JsonOutputKeyToolsParser: made(JsonOutputKeyToolsParser, {
        keyName: 'text',
        returnSingle: 'flag',
        schema: 'schema',
        json: 'record',
      }),
      StructuredOutputParser: {
        options: { schema: 'record', options: 'record' },
        load: ({ options }) => new StructuredOutputParser(options.schema as never, options.options as never),
      },
      CombiningOutputParser: {
        children: 'any',
        load: ({ children }) => new CombiningOutputParser(...(Object.values(children) as never[])),
      },
    },
  };
}
