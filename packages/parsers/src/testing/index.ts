export { parserLaws, type ParserLawsOptions } from './parser-laws.js';
