import {
  folds,
  JsonPatches,
  JsonSnapshots,
  patchFold,
  type DeepPartial,
  type Fold,
  type JsonOptions,
  type JsonPatch,
  type SyncMachine,
  type Manifest,
} from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';

export interface JsonOutputParserFields<Diff extends boolean = boolean> extends JsonOptions {
  /**
   * Streams what has changed, as JSON Patch (RFC 6902), in place of growing values. `invoke` gives the value all the same.
   * Default false.
   */
  readonly diff?: Diff;
}

/**
 * The first JSON value in a model's answer, whatever stands around it: prose, code fences with any tag. Streams what is
 * known of the value whenever that has changed; nothing that was streamed turns out wrong later, and no streamed value
 * changes afterwards (treat them as read-only: they share what they have in common).
 *
 * Only what every number, key and literal turned out to be is shown, and texts grow. Of a key that an object has twice
 * the last value counts. A value amid words that holds nothing but numbers, such as `[1]`, counts only if no other
 * follows. The value is not validated: `T` is what you expect it to be.
 *
 * @typeParam T - what the value is expected to be
 * @typeParam Diff - whether patches are streamed; with a `T` of your own, write `<T, true>`
 * @throws OutputParserException with the text and the position, when there is no JSON in it or it is broken
 * @throws LimitExceededError for what is larger than `maxLength`, `maxDepth` or `maxMembers`
 *
 * @example
 * ```ts
 * import { FakeStreamingChatModel } from '@pipewright/core/testing';
 * import { JsonOutputParser } from '@pipewright/parsers';
 *
 * const model = new FakeStreamingChatModel({ chunks: ['Here it is: {"city": "Os', 'lo", "peo', 'ple": 717710}'] });
 * const chain = model.pipe(new JsonOutputParser<{ city: string; people: number }>());
 * for await (const partial of chain.stream('Norway?')) partial.city; // Os, Oslo, Oslo
 * const { people } = await chain.invoke('Norway?');
 * ```
 */
export class JsonOutputParser<T = unknown, Diff extends boolean = false> extends BaseOutputParser<
  T,
  Diff extends true ? JsonPatch : DeepPartial<T>
> {
  readonly name = 'JsonOutputParser';
  readonly fields: JsonOutputParserFields<Diff>;
  readonly fold: Fold<Diff extends true ? JsonPatch : DeepPartial<T>, T>;

  constructor(fields: JsonOutputParserFields<Diff> = {}) {
    super();
    this.fields = fields;
    this.fold = (fields.diff === true ? patchFold : folds.last) as Fold<unknown, unknown> as Fold<unknown, T>;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { ...this.fields } };
  }

  machine(): SyncMachine<string, Diff extends true ? JsonPatch : DeepPartial<T>> {
    const machine: SyncMachine<string, unknown> =
      this.fields.diff === true ? new JsonPatches(this.fields) : new JsonSnapshots(this.fields);
    return machine as SyncMachine<string, never>;
  }

  override getFormatInstructions(): string {
    return 'Answer with JSON and nothing else.';
  }
}
