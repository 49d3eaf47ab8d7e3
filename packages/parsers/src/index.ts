export { BaseOutputParser } from './output-parser.js';
export { type ParserInput, textOf } from './parser-input.js';
export { StringOutputParser, StringOutputParser as StrOutputParser } from './string-output-parser.js';
