export { BaseLLMOutputParser, BaseOutputParser } from './output-parser.js';
export type { Instructing } from './instructing.js';
export { type ParserInput, textOf } from './parser-input.js';
export { parsersRegistry } from './registry.js';

export { BytesOutputParser } from './bytes-output-parser.js';
export { StringOutputParser, StringOutputParser as StrOutputParser } from './string-output-parser.js';

export { CommaSeparatedListOutputParser } from './list/comma-separated-list-output-parser.js';
export {
  CustomListOutputParser,
  type CustomListOutputParserFields,
} from './list/custom-list-output-parser.js';
export { ListOutputParser } from './list/list-output-parser.js';
export { MarkdownListOutputParser } from './list/markdown-list-output-parser.js';
export { NumberedListOutputParser } from './list/numbered-list-output-parser.js';

export { JsonOutputParser, type JsonOutputParserFields } from './json/json-output-parser.js';
export {
  StructuredOutputParser,
  StructuredOutputParser as JsonMarkdownStructuredOutputParser,
  StructuredOutputParser as StandardSchemaOutputParser,
} from './json/structured-output-parser.js';
export {
  JsonOutputKeyToolsParser,
  type JsonOutputKeyToolsParserFields,
} from './tools/json-output-key-tools-parser.js';
export { JsonOutputToolsParser, type JsonOutputToolsParserFields } from './tools/json-output-tools-parser.js';

export type { Corrector, FailedAnswer } from './recovery/ask-again.js';
export { OutputFixingParser, type OutputFixingParserFields } from './recovery/output-fixing-parser.js';
export {
  type CompletionWithPrompt,
  RetryOutputParser,
  RetryOutputParser as RetryWithErrorOutputParser,
  type RetryOutputParserFields,
} from './recovery/retry-output-parser.js';

export { BooleanOutputParser, type BooleanOutputParserFields } from './whole/boolean-output-parser.js';
export { CombiningOutputParser } from './whole/combining-output-parser.js';
export { DatetimeOutputParser } from './whole/datetime-output-parser.js';
export { EnumOutputParser } from './whole/enum-output-parser.js';
export { RegexParser, type RegexParserFields } from './whole/regex-parser.js';

export { XMLOutputParser, type XMLOutputParserFields } from './xml/xml-output-parser.js';
export type { XmlContent, XmlElement } from './xml/xml-tree.js';
