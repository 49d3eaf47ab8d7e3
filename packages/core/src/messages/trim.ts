import { andThen, type MaybePromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';
import type { MessageLike } from './coerce.js';
import { isKnownBlock, type ContentBlock, type MessageContent } from './content.js';
import type { BaseMessage } from './message.js';
import { messagesOf, MessageStep, type MessagesInput } from './message-step.js';
import { mostThatFits } from './most-that-fits.js';
import { trimPlan, type TrimMessagesOptions, type TrimPlan } from './trim-options.js';
import { withContent } from './with-content.js';

/**
 * Keeps as many messages as fit into a number of tokens, from the end or from the beginning. The messages given are not
 * changed. Called with options only, it gives a step for a chain.
 *
 * @throws ConfigError for options that cannot work
 *
 * @example
 * ```ts
 * import { AIMessage, HumanMessage, SystemMessage, trimMessages } from '@pipewright/core';
 *
 * const history = [
 *   new SystemMessage('Be brief.'),
 *   new HumanMessage('Hi'),
 *   new AIMessage('Hello!'),
 *   new HumanMessage('Who wrote Walden?'),
 * ];
 * const recent = await trimMessages(history, { maxTokens: 20, includeSystem: true, startOn: 'human' });
 * const step = trimMessages({ maxTokens: 4000, includeSystem: true, startOn: 'human' }); // prompt.pipe(step).pipe(model)
 * ```
 */
export function trimMessages(options: TrimMessagesOptions): Runnable<MessagesInput, readonly BaseMessage[]>;
export function trimMessages(
  messages: readonly MessageLike[],
  options: TrimMessagesOptions,
): Promise<readonly BaseMessage[]>;
export function trimMessages(
  first: readonly MessageLike[] | TrimMessagesOptions,
  options?: TrimMessagesOptions,
): Promise<readonly BaseMessage[]> | Runnable<MessagesInput, readonly BaseMessage[]> {
  if (Array.isArray(first)) {
    return trimNow(first as readonly MessageLike[], options as TrimMessagesOptions);
  }
  const plan = trimPlan(first as TrimMessagesOptions);
  return new MessageStep('trimMessages', first, (messages) => trimmed(messages, plan));
}

async function trimNow(
  messages: readonly MessageLike[],
  options: TrimMessagesOptions,
): Promise<readonly BaseMessage[]> {
  return trimmed(messagesOf(messages), trimPlan(options));
}

function trimmed(messages: readonly BaseMessage[], plan: TrimPlan): MaybePromise<readonly BaseMessage[]> {
  if (plan.strategy === 'first') {
    return andThen(fitting(messages, [], plan), (kept) => upToLast(kept, plan.endsOn));
  }
  const [system] = plan.includeSystem && messages[0]?.type === 'system' ? [messages[0]] : [];
  const head = system === undefined ? [] : [system];
  const rest = upToLast(messages.slice(head.length), plan.endsOn);
  const whole = (): MaybePromise<readonly BaseMessage[]> =>
    andThen(fitting(rest, head, plan), (kept) => [...head, ...fromFirst(kept, plan.startsOn)]);
  if (head.length === 0) return whole();
  // A system message that does not fit by itself leaves no room for anything.
  return andThen(plan.count(head), (taken) => (taken > plan.maxTokens ? [] : whole()));
}

/** What fits of the messages besides `head`, from the end that is kept. */
function fitting(
  messages: readonly BaseMessage[],
  head: readonly BaseMessage[],
  plan: TrimPlan,
): MaybePromise<readonly BaseMessage[]> {
  const fits = (kept: readonly BaseMessage[]): MaybePromise<boolean> =>
    andThen(plan.count([...head, ...kept]), (tokens) => tokens <= plan.maxTokens);
  const isLast = plan.strategy === 'last';
  const take = (count: number): readonly BaseMessage[] =>
    isLast ? messages.slice(messages.length - count) : messages.slice(0, count);
  return andThen(
    mostThatFits(messages.length, (count) => fits(take(count))),
    (count) => {
      const kept = take(count);
      const edge = isLast ? messages[messages.length - count - 1] : messages[count];
      if (!plan.allowPartial || edge === undefined) return kept;
      const around = (part: BaseMessage): readonly BaseMessage[] =>
        isLast ? [part, ...kept] : [...kept, part];
      const partFits = (content: MessageContent) => fits(around(withContent(edge, content)));
      return andThen(partOf(edge.content, plan, partFits), (content) =>
        content.length === 0 ? kept : around(withContent(edge, content)),
      );
    },
  );
}

type ContentFits = (content: MessageContent) => MaybePromise<boolean>;

/** As much of a content as fits: whole blocks, then pieces of the text at the edge. */
function partOf(content: MessageContent, plan: TrimPlan, fits: ContentFits): MaybePromise<MessageContent> {
  const isLast = plan.strategy === 'last';
  if (typeof content === 'string') return textThatFits(content, plan, fits);
  const take = (count: number): readonly ContentBlock[] =>
    isLast ? content.slice(content.length - count) : content.slice(0, count);
  return andThen(
    mostThatFits(content.length, (count) => fits(take(count))),
    (count) => {
      const kept = take(count);
      const edge = isLast ? content[content.length - count - 1] : content[count];
      if (!isKnownBlock(edge) || edge.type !== 'text') return kept;
      const around = (text: string): readonly ContentBlock[] => {
        const block = { ...edge, text };
        return isLast ? [block, ...kept] : [...kept, block];
      };
      const text = textThatFits(edge.text, plan, (part) => fits(around(part as string)));
      return andThen(text, (part) => (part === '' ? kept : around(part)));
    },
  );
}

function textThatFits(text: string, plan: TrimPlan, fits: ContentFits): MaybePromise<string> {
  return andThen(plan.split(text), (pieces) => {
    const take = (count: number): string =>
      (plan.strategy === 'last' ? pieces.slice(pieces.length - count) : pieces.slice(0, count)).join('');
    return andThen(
      mostThatFits(pieces.length, (count) => fits(take(count))),
      take,
    );
  });
}

type Check = ((message: BaseMessage) => boolean) | undefined;

function upToLast(messages: readonly BaseMessage[], check: Check): readonly BaseMessage[] {
  return check === undefined ? messages : messages.slice(0, messages.findLastIndex(check) + 1);
}

function fromFirst(messages: readonly BaseMessage[], check: Check): readonly BaseMessage[] {
  if (check === undefined) return messages;
  const from = messages.findIndex(check);
  return from === -1 ? [] : messages.slice(from);
}
