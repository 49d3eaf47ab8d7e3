import { isPromise, LimitExceededError, OutputParserException, type Runnable } from '@pipewright/core';
import { deepEqual, type Law } from '@pipewright/core/testing';
import type { ParserInput } from '../parser-input.js';
import { cutsOf } from './cuts.js';

export interface ParserLawsOptions {
  /** Makes what the parser is given of a piece of a sample. Default: the piece itself. */
  readonly input?: (piece: string) => ParserInput;
}

/**
 * The laws that every parser keeps, as tests for any runner. A sample that the parser refuses tests that it refuses it in
 * the same way however it is cut.
 *
 * @param make - makes a parser; called for every run, so it may be stateful
 * @param samples - texts, at least one; those of up to 300 characters are cut at every single place
 *
 * @example
 * ```ts
 * import { JsonOutputParser } from '@pipewright/parsers';
 * import { parserLaws } from '@pipewright/parsers/testing';
 *
 * for (const law of parserLaws(() => new JsonOutputParser(), ['{"a": [1, 2]}', 'no JSON'])) await law.check();
 * ```
 */
export function parserLaws<Out, Chunk>(
  make: () => Runnable<ParserInput, Out, Chunk>,
  samples: readonly string[],
  { input = (piece) => piece }: ParserLawsOptions = {},
): readonly Law[] {
  const whole = (sample: string): Promise<Outcome> => outcomeOf(async () => make().invoke(input(sample)));
  const each = (name: string, check: (sample: string) => Promise<void>): Law => ({
    name,
    check: async () => {
      for (const sample of samples) await check(sample);
    },
  });
  return [
    each('the result does not depend on where the text is cut', async (sample) => {
      const expected = await whole(sample);
      for (const pieces of cutsOf(sample)) {
        const got = await outcomeOf(async () => make().transform(pieces.map(input)).final);
        expectSame(got, expected, `cut as ${JSON.stringify(pieces)}`);
      }
    }),
    each('the chunks of stream() add up to what invoke() gives', async (sample) => {
      const streamed = await outcomeOf(async () => {
        const stream = make().stream(input(sample));
        for await (const _chunk of stream);
        return stream.final;
      });
      expectSame(streamed, await whole(sample), `stream(${JSON.stringify(sample)})`);
    }),
    each('what was streamed never changes afterwards', async (sample) => {
      const kept: { readonly chunk: Chunk; readonly before: Chunk }[] = [];
      await outcomeOf(async () => {
        for await (const chunk of make().transform(characters(sample).map(input))) {
          kept.push({ chunk, before: structuredClone(chunk) });
        }
      });
      for (const { chunk, before } of kept) {
        if (!sameData(chunk, before))
          throw new Error(`A chunk changed from ${show(before)} to ${show(chunk)}`);
      }
    }),
    each('stopping a stream early closes what is before it', async (sample) => {
      for (const take of [0, 1]) {
        let open = 0;
        const source = async function* (): AsyncGenerator<ParserInput> {
          open += 1;
          try {
            for (const piece of characters(sample)) yield input(piece);
          } finally {
            open -= 1;
          }
        };
        const stream = make().transform(source());
        let taken = 0;
        await outcomeOf(async () => {
          if (take > 0) for await (const _chunk of stream) if (++taken >= take) break;
        });
        await stream.return();
        if (open !== 0) throw new Error(`The source was left open after ${taken} chunks of ${show(sample)}`);
      }
    }),
    each('a failure is a typed error with the text and the position', async (sample) => {
      const { error } = await whole(sample);
      if (error === undefined || error instanceof LimitExceededError) return;
      if (!(error instanceof OutputParserException)) throw error;
      const { llmOutput, position = 0 } = error;
      if (typeof llmOutput !== 'string') throw new Error(`llmOutput is ${show(llmOutput)}`);
      if (position < 0 || position > llmOutput.length) {
        throw new Error(`Position ${position} is outside the text ${show(llmOutput)}`);
      }
    }),
  ];
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: unknown;
}

async function outcomeOf(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    const value = run();
    return { value: isPromise(value) ? await value : value };
  } catch (error) {
    return { error };
  }
}

function expectSame(got: Outcome, expected: Outcome, what: string): void {
  if (expected.error === undefined && got.error === undefined) {
    if (deepEqual(got.value, expected.value)) return;
    throw new Error(`${what}: expected ${show(expected.value)}, got ${show(got.value)}`);
  }
  const [left, right] = [failure(got.error), failure(expected.error)];
  if (left !== right) throw new Error(`${what}: expected ${right}, got ${left}`);
}

/** What has to be the same about two failures. The raw text is not: a stream that failed was not read to its end. */
function failure(error: unknown): string {
  if (error === undefined) return 'no failure';
  if (error instanceof OutputParserException) return `${error.message} at ${String(error.position)}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : show(error);
}

function characters(text: string): readonly string[] {
  return text === '' ? [''] : Array.from({ length: text.length }, (_, index) => text.charAt(index));
}

/** As `deepEqual`, but for prototypes, which a clone does not keep. */
function sameData(left: unknown, right: unknown): boolean {
  return show(left) === show(right);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
