import type { RunType } from '../engine/events.js';
import type { RunContext } from '../engine/run-context.js';
import type { Flow, Ready } from '../flow/flow.js';
import { lacking } from '../lacking.js';
import { Runnable } from '../runnable.js';
import { andThen, type MaybePromise } from '../flow/promise.js';
import type { Document } from './document.js';

/**
 * Finds the documents that belong to a question. One of your own implements `getRelevantDocuments`.
 *
 * @example
 * ```ts
 * import { BaseRetriever, Document } from '@pipewright/core';
 *
 * class Shelf extends BaseRetriever {
 *   readonly name = 'Shelf';
 *   getRelevantDocuments(query: string) {
 *     return [new Document({ pageContent: `All about ${query}` })];
 *   }
 * }
 * const texts = new Shelf().pipe((documents) => documents.map(({ pageContent }) => pageContent).join('\n\n'));
 * const context = await texts.invoke('bears');
 * ```
 */
export abstract class BaseRetriever<Found extends Document = Document> extends Runnable<string, Found[]> {
  override readonly runType: RunType = 'retriever';

  /** The documents that belong to a question, the best first. Pass `context.signal` on to whatever takes one. */
  abstract getRelevantDocuments(query: string, context: RunContext): MaybePromise<readonly Found[]>;

  run(input: Ready<string, unknown>, context: RunContext): Flow<Found[]> {
    if (this.getRelevantDocuments === undefined) throw lacking(this, 'getRelevantDocuments()');
    // The array is the caller's to change, and a retriever may give the same one again.
    return andThen(this.getRelevantDocuments(input as string, context), (found) => [...found]);
  }
}
