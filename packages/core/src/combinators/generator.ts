import type { RunContext } from '../engine/run-context.js';
import { CoercionError } from '../errors.js';
import { asChunks } from '../flow/as-chunks.js';
import { chunksFrom } from '../flow/chunks.js';
import { natural, type Fold } from '../flow/folds.js';
import type { Flow, Ready } from '../flow/flow.js';
import { NamedFunction, type Manifest } from '../manifest.js';
import { Runnable } from '../runnable.js';

/** Makes chunks from the chunks that arrive. */
export type Transformer<InChunk, Chunk> = (
  chunks: AsyncIterable<InChunk>,
  context: RunContext,
) => AsyncIterable<Chunk>;

/**
 * A user's async generator as a step that works on chunks as they come.
 *
 * @example
 * ```ts
 * import { RunnableGenerator } from '@pipewright/core';
 *
 * const shout = new RunnableGenerator<string, string>({
 *   async *transform(chunks) {
 *     for await (const text of chunks) yield text.toUpperCase();
 *   },
 * });
 * const loud = await shout.invoke('hello');
 * ```
 */
export class RunnableGenerator<In, Out, Chunk = Out, InChunk = In> extends Runnable<In, Out, Chunk> {
  readonly name: string;
  readonly transformer: Transformer<InChunk, Chunk>;
  readonly fold: Fold<Chunk, Out>;
  override readonly consumes = 'chunks';

  constructor(fields: {
    readonly transform: Transformer<InChunk, Chunk>;
    /** How its chunks add up. Default: texts, arrays and messages append, objects merge, else the last counts. */
    readonly fold?: Fold<Chunk, Out>;
    readonly name?: string;
  }) {
    super();
    if (typeof fields?.transform !== 'function') {
      throw new CoercionError('RunnableGenerator needs { transform }, an async generator function.');
    }
    this.transformer = fields.transform;
    this.fold = fields.fold ?? (natural as Fold<unknown, unknown> as Fold<Chunk, Out>);
    this.name = fields.name ?? (fields.transform.name || 'RunnableGenerator');
  }

  /** Makes a step of an async generator function over chunks. */
  static from<InChunk, Chunk>(transform: Transformer<InChunk, Chunk>): RunnableGenerator<InChunk, Chunk> {
    return new RunnableGenerator({ transform });
  }

  override get manifest(): Manifest {
    const { transformer, fold, name } = this;
    const kind = 'RunnableGenerator';
    return {
      kind,
      options: {
        transform: new NamedFunction(name === kind ? transformer.name : name, transformer),
        fold: fold === natural ? undefined : fold,
        name,
      },
    };
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    const source = asChunks<In, unknown>(input);
    return chunksFrom(this.transformer(source as AsyncIterable<InChunk>, context), this.fold, source);
  }
}
