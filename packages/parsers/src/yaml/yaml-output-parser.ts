import {
  andThen,
  fitted,
  folds,
  limitsOf,
  overLimit,
  parsingFailure,
  toJsonSchema,
  type Fold,
  type JsonSchema,
  type Machine,
  type MaybePromise,
  type ParseLimits,
  type Schema,
  type SchemaOutput,
} from '@pipewright/core';
import { parseDocument } from 'yaml';
import { BaseOutputParser } from '../output-parser.js';
import { wholeText } from '../whole/whole-text.js';
import { fencedText } from './fenced-text.js';
import { plainData } from './plain-data.js';

export interface YamlOutputParserFields<S extends Schema> extends ParseLimits {
  /** What the value has to look like. Default: anything. */
  readonly schema?: S;
  /** Characters read (UTF-16 units). Default 65,536: broken YAML of more would take long to read. */
  readonly maxLength?: number;
}

const MAX_LENGTH = 65_536;

/**
 * YAML 1.2 in a model's answer, in a code fence or alone, validated by a schema if there is one. Plain data only: no
 * aliases, no merge keys, no tags that make anything else. Needs the package `yaml`. Gives nothing before the end.
 *
 * @throws OutputParserException when it is not YAML, or does not fit
 * @throws LimitExceededError for what is larger than `maxLength`, `maxDepth` or `maxMembers`
 *
 * @example
 * ```ts
 * import { YamlOutputParser } from '@pipewright/parsers/yaml';
 * import { z } from 'zod';
 *
 * const parser = new YamlOutputParser({ schema: z.object({ name: z.string(), tags: z.array(z.string()) }) });
 * const { name, tags } = await parser.parse('```yaml\nname: Alien\ntags:\n  - film\n  - horror\n```');
 * ```
 */
export class YamlOutputParser<S extends Schema = JsonSchema> extends BaseOutputParser<SchemaOutput<S>> {
  readonly name = 'YamlOutputParser';
  readonly fold = folds.last as Fold<unknown, unknown> as Fold<SchemaOutput<S>, SchemaOutput<S>>;
  readonly fields: YamlOutputParserFields<S>;

  constructor(fields: YamlOutputParserFields<S> = {}) {
    super();
    this.fields = fields;
  }

  machine(): Machine<string, SchemaOutput<S>> {
    const { schema = {}, ...given } = this.fields;
    const limits = limitsOf({ maxLength: MAX_LENGTH, ...given });
    let value: MaybePromise<unknown>;
    const text = wholeText((whole) => {
      value = fitted<unknown>(schema, yamlValue(whole, limits), whole);
    }, limits.maxLength);
    return {
      push: (piece) => text.push(piece) as readonly never[],
      end: () => {
        text.end();
        return andThen(value, (fit) => [fit as SchemaOutput<S>]);
      },
    };
  }

  override getFormatInstructions(): string {
    const { schema } = this.fields;
    const form =
      schema === undefined
        ? ''
        : ` It has to fit this JSON Schema:\n\n${JSON.stringify(toJsonSchema(schema, this.name))}\n`;
    return `Answer with YAML in a Markdown code block with the tag "yaml". Use no anchors, aliases or tags.${form}`;
  }
}

function yamlValue(whole: string, limits: Required<ParseLimits>): unknown {
  const { text, start } = fencedText(whole);
  if (text.trim() === '') throw parsingFailure('There is no YAML in the text', whole, whole.length);
  // Neither pretty errors nor the search for keys that come twice is linear in the text.
  const document = parseDocument(text, {
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    merge: false,
    logLevel: 'silent',
  });
  const [problem] = document.errors;
  if (problem?.code === 'RESOURCE_EXHAUSTION') throw overLimit('maxDepth', limits.maxDepth);
  if (problem !== undefined) throw parsingFailure(problem.message, whole, start + problem.pos[0]);
  try {
    return plainData(document.toJS({ maxAliasCount: 0 }), limits);
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof TypeError)) throw error;
    throw parsingFailure(error.message, whole, start, error);
  }
}
