import { adopt } from '../combinators/lambda.js';
import { describe } from '../describe.js';
import type { RunContext } from '../engine/run-context.js';
import { CoercionError } from '../errors.js';
import { AS_CHUNKS, chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import { NamedFunction, type Manifest } from '../manifest.js';
import { Runnable } from '../runnable.js';

/** Name of the custom event that tells of what a generator tool yields. */
const TOOL_EVENT = 'on_tool_event';

type AnyFunction = (input: never, context: RunContext) => unknown;
type AnyGenerator = Generator<unknown, unknown, undefined> | AsyncGenerator<unknown, unknown, undefined>;

/** The function of a tool as the runnable that the tool runs, of its name. The tool's own run stands for it in events. */
export class ToolFunction extends Runnable<never, unknown> {
  readonly name: string;
  readonly func: AnyFunction;
  override readonly traced = false;

  constructor(fields: { readonly func: AnyFunction; readonly name: string }) {
    super();
    const { func, name } = fields;
    if (typeof func !== 'function') {
      throw new CoercionError(
        `tool() needs a function and { name, description, schema }; got ${describe(func)}.`,
      );
    }
    this.func = func;
    this.name = name;
  }

  override get manifest(): Manifest {
    const { func, name } = this;
    return { kind: 'ToolFunction', options: { func: new NamedFunction(name, func), name } };
  }

  run(input: Ready<never, unknown>, context: RunContext): Flow<unknown> {
    return resultOf(this.func(input as never, context), input, context);
  }
}

/** A generator's result is what it returns; anything else is read as everywhere. */
function resultOf(returned: unknown, input: unknown, context: RunContext): Flow<unknown> {
  if (isPromise(returned)) return returned.then((value) => resultOf(value, input, context));
  if (isGenerator(returned)) return finished(returned, context);
  return context.whole(adopt(returned, input, context));
}

function isGenerator(value: unknown): value is AnyGenerator {
  if (typeof value !== 'object' || value === null || AS_CHUNKS in value) return false;
  const { next, throw: fail } = value as Partial<AnyGenerator>;
  return typeof next === 'function' && typeof fail === 'function';
}

/** Runs a generator to its end, and closes it when the run is stopped. Listeners are told of what it yields. */
function finished(generator: AnyGenerator, context: RunContext): MaybePromise<unknown> {
  let result: unknown;
  const accept = (step: IteratorResult<unknown, unknown>): IteratorResult<unknown, unknown> => {
    if (step.done) result = step.value;
    else context.dispatch(TOOL_EVENT, step.value);
    return step;
  };
  const next = (): MaybePromise<IteratorResult<unknown, unknown>> => {
    const step = generator.next();
    return isPromise(step) ? step.then(accept) : accept(step);
  };
  const close = (): MaybePromise<unknown> => generator.return(undefined);
  const fold = () => ({ add: () => {}, value: () => result });
  return context.whole(chunks(() => ({ next, return: close }), fold));
}
