import type { Fork, RunContext } from '../engine/run-context.js';
import { AbortedError, MaxStepsError } from '../errors.js';
import type { Cursor } from '../flow/chunks.js';
import type { Accumulator } from '../flow/folds.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import type { AIMessage } from '../messages/ai.js';
import type { BaseMessage, ToolMessage } from '../messages/message.js';
import { Answer } from './answer.js';
import { callTool } from './call-tool.js';
import { SideBySide } from './side-by-side.js';
import { callsOf, toolLoopFold, type ToolLoopChunk, type ToolLoopMessage } from './tool-loop-fold.js';
import type { ToolLoopPlan } from './tool-loop-plan.js';

/** One run of a loop: an answer, the tools that it calls, the next answer, until one calls none. */
export class ToolLoopCursor implements Cursor<ToolLoopChunk> {
  readonly #plan: ToolLoopPlan;
  readonly #input: readonly BaseMessage[];
  readonly #fork: Fork;
  readonly #total: Accumulator<ToolLoopChunk, ToolLoopMessage[]>;
  #part: Cursor<ToolLoopChunk> | undefined;
  #calling = false;
  #step = 0;

  constructor(plan: ToolLoopPlan, input: readonly BaseMessage[], context: RunContext) {
    this.#plan = plan;
    this.#input = input;
    this.#fork = context.fork();
    this.#total = toolLoopFold(input.length);
    this.#part = this.#answer();
  }

  next(): MaybePromise<IteratorResult<ToolLoopChunk, unknown>> {
    if (this.#part === undefined) return { done: true, value: undefined };
    try {
      const step = this.#part.next();
      return isPromise(step) ? step.then(this.#accept).then(undefined, this.#fail) : this.#accept(step);
    } catch (error) {
      return this.#fail(error);
    }
  }

  readonly #accept = (
    step: IteratorResult<ToolLoopChunk, unknown>,
  ): MaybePromise<IteratorResult<ToolLoopChunk, unknown>> => {
    if (!step.done) {
      this.#total.add(step.value);
      return step;
    }
    this.#part = this.#following();
    if (this.#part === undefined) this.#fork.end();
    return this.next();
  };

  readonly #fail = (error: unknown): never => {
    this.#part = undefined;
    this.#fork.abort(error);
    throw error;
  };

  /** What comes after the part that has ended; undefined at the end of the loop. */
  #following(): Cursor<ToolLoopChunk> | undefined {
    const messages = this.#total.value();
    const answer = messages.findLast((message) => message.type === 'ai') as AIMessage;
    if (this.#calling) {
      const results = messages.slice(messages.lastIndexOf(answer) + 1) as ToolMessage[];
      this.#calling = false;
      // In the order of the calls, whose names count: a tool's own message may have another.
      const ends = callsOf(answer).some(
        ({ name = '' }, index) => results[index]?.status !== 'error' && this.#plan.direct.has(name),
      );
      return ends ? undefined : this.#answer();
    }
    const calls = callsOf(answer);
    if (calls.length === 0) return undefined;
    if (this.#step >= this.#plan.maxSteps) {
      throw new MaxStepsError(this.#plan.maxSteps, [...this.#input, ...messages]);
    }
    this.#calling = true;
    const { tools, handle } = this.#plan;
    const context = this.#fork.context.wanting('value');
    return new SideBySide(
      calls.length,
      (index) => callTool(calls[index] as (typeof calls)[number], tools, handle, context),
      context,
    );
  }

  #answer(): Answer {
    this.#step += 1;
    const step = this.#step;
    const messages = [...this.#input, ...this.#total.value()];
    return new Answer(() => this.#plan.ask(messages, step, this.#fork.context));
  }

  return(): MaybePromise<unknown> {
    const part = this.#part;
    if (part === undefined) return undefined;
    this.#part = undefined;
    this.#fork.abort(new AbortedError('The tool loop was closed before its end.'));
    return part.return?.();
  }
}
