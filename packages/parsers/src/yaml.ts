export { YamlOutputParser, type YamlOutputParserFields } from './yaml/yaml-output-parser.js';
