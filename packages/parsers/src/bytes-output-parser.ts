import { folds, type SyncMachine, type Manifest } from '@pipewright/core';
import { BaseOutputParser } from './output-parser.js';

/**
 * The text of a model's answer as UTF-8 bytes, as it arrives: for the body of an HTTP response. A character that is cut
 * in two waits for its other half.
 *
 * @example
 * ```ts
 * import { FakeListChatModel } from '@pipewright/core/testing';
 * import { BytesOutputParser } from '@pipewright/parsers';
 *
 * const chain = new FakeListChatModel({ responses: ['Grüße 👋'] }).pipe(new BytesOutputParser());
 * const text = await new Response(chain.stream('Hi').toReadableStream()).text();
 * ```
 */
export class BytesOutputParser extends BaseOutputParser<Uint8Array> {
  readonly name = 'BytesOutputParser';
  readonly fold = folds.bytes;

  override get manifest(): Manifest {
    return { kind: this.name };
  }

  machine(): SyncMachine<string, Uint8Array> {
    const encoder = new TextEncoder();
    let half = '';
    const encode = (text: string): readonly Uint8Array[] => (text === '' ? [] : [encoder.encode(text)]);
    return {
      push: (piece) => {
        const text = half + piece;
        const code = text.charCodeAt(text.length - 1);
        half = code >= 0xd800 && code <= 0xdbff ? text.slice(-1) : '';
        return encode(half === '' ? text : text.slice(0, -1));
      },
      end: () => encode(half),
    };
  }
}
