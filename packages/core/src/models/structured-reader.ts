import type { RunContext } from '../engine/run-context.js';
import { LimitExceededError, OutputParserException } from '../errors.js';
import type { Flow, Ready } from '../flow/flow.js';
import { last, type Fold } from '../flow/folds.js';
import { transduce, type Machine } from '../flow/machine.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';
import { fitted, FittedJson } from '../json/fitted.js';
import { parsingFailure } from '../json/failure.js';
import { ToolCallSnapshots } from '../json/tool-calls.js';
import type { AIMessage } from '../messages/ai.js';
import { messageFold } from '../messages/fold.js';
import { schemaOption, type Manifest } from '../manifest.js';
import { Runnable } from '../runnable.js';
import type { Schema } from '../schema.js';
import { unwrapped } from '../tools/tool-parameters.js';
import { Explained } from './explained.js';

/** How a model is asked for an answer of a form. */
export type StructuredMethod = 'jsonSchema' | 'functionCalling' | 'jsonMode';

interface StructuredReaderFields {
  readonly schema: Schema;
  readonly method: StructuredMethod;
  /** Name of the schema in requests, of the tool with functionCalling, and of a schema that validates in stored chains. */
  readonly name: string;
  readonly includeRaw: boolean;
}

/** Reads the value out of a model's answer: partial while it arrives, validated at the end. */
export class StructuredReader extends Runnable<AIMessage, never, never> {
  override readonly runType = 'parser';
  readonly name = 'StructuredOutput';
  override readonly consumes = 'chunks';
  readonly fields: StructuredReaderFields;

  constructor(fields: StructuredReaderFields) {
    super();
    this.fields = fields;
  }

  override get manifest(): Manifest {
    const { name, schema } = this.fields;
    return { kind: this.name, options: { ...this.fields, schema: schemaOption(name, schema) } };
  }

  run(input: Ready<AIMessage, unknown>, context: RunContext): Flow<never> {
    const { schema, method, name, includeRaw } = this.fields;
    const value = new Explained(
      method === 'functionCalling' ? new ToolArguments(schema, name) : new JsonAnswer(schema),
    );
    const messages = input as Ready<AIMessage, AIMessage>;
    const flow = includeRaw
      ? transduce(messages, new BesideRaw(value), besideRaw, context.wants)
      : transduce(messages, value, last, context.wants);
    return flow as Flow<never>;
  }
}

/** The answer's text is the value. */
class JsonAnswer implements Machine<AIMessage, unknown> {
  readonly #json: FittedJson;

  constructor(schema: Schema) {
    this.#json = new FittedJson(schema);
  }

  push({ text }: AIMessage): readonly unknown[] {
    return this.#json.push(text);
  }

  end(): MaybePromise<readonly unknown[]> {
    return this.#json.end();
  }
}

/** The value is what the model calls a tool with. */
class ToolArguments implements Machine<AIMessage, unknown> {
  readonly #schema: Schema;
  readonly #name: string;
  readonly #calls: ToolCallSnapshots;
  #text = '';
  #args: unknown;
  #value: unknown;

  constructor(schema: Schema, name: string) {
    this.#schema = schema;
    this.#name = name;
    this.#calls = new ToolCallSnapshots({ only: name });
  }

  push(message: AIMessage): readonly unknown[] {
    this.#text += message.text;
    return this.#first(this.#calls.push(message));
  }

  end(): MaybePromise<readonly unknown[]> {
    this.#first(this.#calls.end());
    if (this.#args === undefined) {
      throw parsingFailure(`The model did not call "${this.#name}"`, this.#text, this.#text.length);
    }
    const text = JSON.stringify(this.#args);
    return andThen(fitted(this.#schema, this.#value, text), (value) => [value]);
  }

  /** The value in the arguments of the first call, when they are others than before. */
  #first(snapshots: readonly (readonly { readonly args: Record<string, unknown> }[])[]): readonly unknown[] {
    const args = snapshots.at(-1)?.[0]?.args;
    if (args === undefined || args === this.#args) return [];
    this.#args = args;
    this.#value = unwrapped(this.#schema, args);
    return this.#value === undefined ? [] : [this.#value];
  }
}

/** What streams with `includeRaw`. */
interface Beside {
  readonly raw?: AIMessage;
  readonly parsed?: unknown;
  readonly parsing_error?: Error | null;
}

/** Gives the pieces of the message on beside what another machine reads in them, and its failure as a value. */
class BesideRaw implements Machine<AIMessage, Beside> {
  readonly #value: Machine<AIMessage, unknown>;
  #failure: Error | undefined;

  constructor(value: Machine<AIMessage, unknown>) {
    this.#value = value;
  }

  push(raw: AIMessage): readonly Beside[] {
    const chunks: Beside[] = [{ raw }];
    try {
      if (this.#failure === undefined) {
        for (const parsed of this.#value.push(raw)) chunks.push({ parsed });
      }
    } catch (error) {
      this.#failure = parsingError(error);
    }
    return chunks;
  }

  end(): MaybePromise<readonly Beside[]> {
    const failed = (error: unknown): readonly Beside[] => [
      { parsed: null, parsing_error: parsingError(error) },
    ];
    if (this.#failure !== undefined) return failed(this.#failure);
    try {
      const values = andThen(this.#value.end(), ([parsed]) => [{ parsed, parsing_error: null }]);
      return isPromise(values) ? values.then(undefined, failed) : values;
    } catch (error) {
      return failed(error);
    }
  }
}

/** Only what is wrong with the answer stands beside it; anything else is thrown. */
function parsingError(error: unknown): Error {
  if (error instanceof OutputParserException || error instanceof LimitExceededError) return error;
  throw error;
}

const besideRaw: Fold<Beside, unknown> = () => {
  const message = messageFold();
  let result: Beside = {};
  return {
    add: ({ raw, ...rest }) => {
      if (raw !== undefined) message.add(raw);
      result = { ...result, ...rest };
    },
    value: () => ({ raw: message.value(), parsed: null, parsing_error: null, ...result }),
  };
};
