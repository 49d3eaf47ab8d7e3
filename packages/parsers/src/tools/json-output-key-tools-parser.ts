import {
  andThen,
  fitted,
  folds,
  schemaOption,
  ToolCallSnapshots,
  type DeepPartial,
  type Fold,
  type JsonOptions,
  type JsonSchema,
  type Machine,
  type MaybePromise,
  type ParsedToolCall,
  type Schema,
  type SchemaOutput,
  type Manifest,
} from '@pipewright/core';
import { BaseLLMOutputParser } from '../output-parser.js';
import type { ParserInput } from '../parser-input.js';
import { overMessages } from './over-messages.js';

export interface JsonOutputKeyToolsParserFields<S extends Schema, Single extends boolean> {
  /** Name of the tool. The calls of others are left out, unread. */
  readonly keyName: string;
  /** Gives the arguments of the first call in place of an array; undefined without any. Default false. */
  readonly returnSingle?: Single;
  /** What the arguments have to look like. Default: any object. */
  readonly schema?: S;
  /** How the arguments are read. */
  readonly json?: JsonOptions;
}

type Result<S extends Schema, Single extends boolean> = Single extends true
  ? SchemaOutput<S> | undefined
  : readonly SchemaOutput<S>[];

/**
 * The arguments of the calls of one tool, validated by a schema if there is one; without any call an empty array.
 * Streams them as partial values, not validated; the last chunk is validated.
 *
 * @throws OutputParserException when arguments are not a JSON object, or do not fit
 *
 * @example
 * ```ts
 * import { AIMessage } from '@pipewright/core';
 * import { JsonOutputKeyToolsParser } from '@pipewright/parsers';
 * import { z } from 'zod';
 *
 * const schema = z.object({ a: z.number(), b: z.number() });
 * const parser = new JsonOutputKeyToolsParser({ keyName: 'add', schema });
 * const message = new AIMessage({ content: '', tool_calls: [{ name: 'add', args: { a: 1, b: 2 } }] });
 * const sums = (await parser.invoke(message)).map(({ a, b }) => a + b);
 * ```
 */
export class JsonOutputKeyToolsParser<
  S extends Schema = JsonSchema,
  Single extends boolean = false,
> extends BaseLLMOutputParser<Result<S, Single>, DeepPartial<Result<S, Single>>> {
  readonly name = 'JsonOutputKeyToolsParser';
  readonly fields: JsonOutputKeyToolsParserFields<S, Single>;
  readonly fold = folds.last as Fold<unknown, unknown> as Fold<unknown, Result<S, Single>>;

  constructor(fields: JsonOutputKeyToolsParserFields<S, Single>) {
    super();
    this.fields = fields;
  }

  override get manifest(): Manifest {
    const { keyName, schema } = this.fields;
    return { kind: this.name, options: { ...this.fields, schema: schemaOption(keyName, schema) } };
  }

  reader(): Machine<ParserInput, DeepPartial<Result<S, Single>>> {
    return overMessages(new KeyedCalls(this.fields)) as Machine<ParserInput, never>;
  }
}

class KeyedCalls implements Machine<Parameters<ToolCallSnapshots['push']>[0], unknown> {
  readonly #calls: ToolCallSnapshots;
  readonly #schema: Schema;
  readonly #single: boolean;
  #last: readonly ParsedToolCall[] = [];

  constructor(fields: JsonOutputKeyToolsParserFields<Schema, boolean>) {
    this.#calls = new ToolCallSnapshots({ only: fields.keyName, json: fields.json });
    this.#schema = fields.schema ?? {};
    this.#single = fields.returnSingle === true;
  }

  push(message: Parameters<ToolCallSnapshots['push']>[0]): readonly unknown[] {
    const before = this.#last[0]?.args;
    const snapshot = this.#calls.push(message).at(-1);
    if (snapshot === undefined) return [];
    this.#last = snapshot;
    const args = snapshot.map((call) => call.args);
    if (!this.#single) return [args];
    return args[0] === before ? [] : [args[0]];
  }

  end(): MaybePromise<readonly unknown[]> {
    const calls = this.#calls.end().at(-1) ?? this.#last;
    const wanted = this.#single ? calls.slice(0, 1) : calls;
    let values: MaybePromise<unknown[]> = [];
    for (const { args } of wanted) {
      values = andThen(values, (done) =>
        andThen(fitted(this.#schema, args, JSON.stringify(args)), (value) => [...done, value]),
      );
    }
    return andThen(values, (all) => [this.#single ? all[0] : all]);
  }
}
