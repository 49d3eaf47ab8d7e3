import type { Callback } from '../engine/callbacks.js';
import type { RunEvent } from '../engine/events.js';
import { RunnablePassthrough } from '../combinators/passthrough.js';
import { AbortedError } from '../errors.js';
import type { Runnable } from '../runnable.js';
import { deepEqual } from './deep-equal.js';
import { closed, Witness } from './witness.js';

/** One law, for any test runner: `test(law.name, law.check)`. */
export interface Law {
  readonly name: string;
  /** Rejects, saying what was expected and what came, when the law is broken. */
  check(): Promise<void>;
}

/**
 * The laws that every runnable keeps, as tests.
 *
 * @param make - makes a fresh runnable; called for every run, so it may be stateful
 * @param inputs - inputs that it accepts, at least one
 *
 * @example
 * ```ts
 * import { RunnableLambda } from '@pipewright/core';
 * import { runnableLaws } from '@pipewright/core/testing';
 *
 * const laws = runnableLaws(() => RunnableLambda.from((text: string) => text.length), ['', 'abc']);
 * for (const law of laws) await law.check();
 * ```
 */
export function runnableLaws<In, Out, Chunk>(
  make: () => Runnable<In, Out, Chunk>,
  inputs: readonly In[],
): readonly Law[] {
  const first = inputs[0] as In;
  const law = (name: string, check: () => Promise<void>): Law => ({ name, check });
  return [
    law('the chunks of stream() add up to what invoke() gives', async () => {
      for (const input of inputs) {
        const stream = make().stream(input);
        for await (const _chunk of stream);
        expectEqual(await stream.final, await make().invoke(input), 'stream(x).final');
      }
    }),
    law('batch() gives what invoke() gives for each input, in order', async () => {
      const expected: Out[] = [];
      for (const input of inputs) expected.push(await make().invoke(input));
      const got = await Promise.all(inputs.map((input) => make().batch([input])));
      expectEqual(got.flat(), expected, 'batch([x]) for each x');
      expectEqual(await make().batch([]), [], 'batch([])');
    }),
    law('a passthrough before or after changes nothing, and pipe() is associative', async () => {
      const same = (): RunnablePassthrough<unknown> => new RunnablePassthrough<unknown>();
      for (const input of inputs) {
        const expected: unknown = await make().invoke(input);
        const piped = [
          make().pipe(same()),
          new RunnablePassthrough<In>().pipe(make()),
          new RunnablePassthrough<In>().pipe(make()).pipe(same()),
          new RunnablePassthrough<In>().pipe(make().pipe(same())),
        ];
        for (const chain of piped) {
          expectEqual(await chain.invoke(input), expected, 'invoke() with a passthrough');
          expectEqual(await chain.stream(input).final, expected, 'stream() with a passthrough');
        }
      }
    }),
    law('stopping a stream early closes what is before it', async () => {
      for (const chunksToTake of [0, 1]) {
        const source = new Witness<In>(first);
        const stream = source.pipe(make()).stream(first);
        for (let taken = 0; taken < chunksToTake; taken += 1) await stream.next();
        const isAsked = source.asked > 0;
        await stream.return();
        if (isAsked) await closed(source);
        expectEqual(source.open, 0, `sources left open after ${chunksToTake} chunks`);
      }
    }),
    law('an aborted signal rejects with its own reason and starts nothing', async () => {
      const reason = new Error('the reason');
      const signal = AbortSignal.abort(reason);
      const source = new Witness<In>(first);
      const chain = source.pipe(make());
      expectEqual(await failureOf(chain.invoke(first, { signal })), reason, 'the rejection of invoke()');
      expectEqual(await failureOf(chain.batch([first], { signal })), reason, 'the rejection of batch()');
      expectEqual(
        await failureOf(chain.stream(first, { signal }).next()),
        reason,
        'the rejection of stream()',
      );
      expectEqual(source.opened, 0, 'sources opened');
    }),
    law('aborting while the input is awaited rejects at once and closes what is before it', async () => {
      const reason = new Error('the reason');
      for (const mode of ['invoke', 'stream'] as const) {
        const abort = new AbortController();
        const source = new Witness<In>(first, () => abort.abort(reason));
        const chain = source.pipe(make());
        const config = { signal: abort.signal };
        const run = mode === 'invoke' ? chain.invoke(first, config) : chain.stream(first, config).final;
        expectEqual(await failureOf(run), reason, `the rejection of ${mode}()`);
        await closed(source);
        expectEqual(source.open, 0, `sources left open after ${mode}()`);
      }
    }),
    law('each start in its events is closed once, the children before their parents', async () => {
      for (const input of inputs) {
        for (const run of [
          (callbacks: Callback[]) => make().invoke(input, { callbacks }),
          (callbacks: Callback[]) => make().stream(input, { callbacks }).final,
        ]) {
          const watch = new Openings();
          await run([watch.note]).catch(() => {});
          watch.check();
          expectEqual(watch.left, [], 'runs left open');
        }
        const left = new Openings();
        const stream = make().stream(input, { callbacks: [left.note] });
        await stream.next();
        await stream.return();
        left.check();
        expectEqual(left.left, [], 'runs left open');
      }
    }),
    law('a listener changes nothing', async () => {
      for (const input of inputs) {
        const callbacks = [() => {}];
        expectEqual(
          await make().invoke(input, { callbacks }),
          await make().invoke(input),
          'invoke() with a listener',
        );
        const heard = await make().stream(input, { callbacks }).final;
        expectEqual(heard, await make().stream(input).final, 'stream(x).final with a listener');
      }
    }),
    law('toJSON() is JSON, and the same for runnables made the same way', async () => {
      const json: unknown = make().toJSON();
      expectEqual(JSON.parse(JSON.stringify(json)), json, 'toJSON() read again');
      expectEqual(make().toJSON(), json, 'toJSON() of another one');
      expectEqual(JSON.stringify(make().getGraph()), JSON.stringify(make().getGraph()), 'getGraph()');
    }),
    law('nothing runs before the first chunk is asked for', async () => {
      const source = new Witness<In>(first);
      const stream = source.pipe(make()).stream(first);
      expectEqual(source.opened, 0, 'sources opened by stream()');
      await stream.cancel();
      expectEqual(source.opened, 0, 'sources opened by cancel()');
      const failure = await failureOf(stream.final);
      if (!(failure instanceof AbortedError)) throw new Error('final of a cancelled stream has to reject');
    }),
  ];
}

/** Keeps account of the runs that were started and closed. */
class Openings {
  readonly #open = new Map<string, RunEvent>();
  #wrong: string | undefined;

  readonly note = (event: RunEvent): void => {
    const { id, name, parentId } = event.run;
    if (event.type === 'run-start') {
      if (parentId !== undefined && !this.#open.has(parentId))
        this.#wrong ??= `${name} started outside its parent`;
      this.#open.set(id, event);
    } else if (event.type === 'run-end' || event.type === 'run-error' || event.type === 'run-cancel') {
      if (!this.#open.delete(id)) this.#wrong ??= `${name} was closed twice`;
      for (const { run } of this.#open.values()) {
        if (run.parentId === id) this.#wrong ??= `${run.name} was still open when ${name} was closed`;
      }
    }
  };

  check(): void {
    if (this.#wrong !== undefined) throw new Error(this.#wrong);
  }

  /** Names of the runs that were never closed. */
  get left(): string[] {
    return [...this.#open.values()].map(({ run }) => run.name);
  }
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was expected to reject, and did not.');
}

function expectEqual(got: unknown, expected: unknown, what: string): void {
  if (deepEqual(got, expected)) return;
  throw new Error(`${what}: expected ${show(expected)}, got ${show(got)}`);
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
