import type { ContentBlock } from '@pipewright/core';
import { MalformedAnswer } from '../transport/chat-codec.js';
import { isObject, type Json } from '../transport/json.js';

/** What a delta says, sorted. */
export interface Said {
  readonly text: string;
  readonly reasoning: string;
  readonly others: readonly ContentBlock[];
}

/** Reads the content of a delta or a message: text or parts, and the thinking in any of the places hosts have for it. */
export function said(delta: Json): Said {
  const { content } = delta;
  // Some hosts send both, with the same text.
  const reasoning = [delta.reasoning_content, delta.reasoning].find(
    (part) => typeof part === 'string' && part !== '',
  );
  const thought = (reasoning as string | undefined) ?? '';
  if (content === undefined || content === null) return { text: '', reasoning: thought, others: [] };
  if (typeof content === 'string') return { text: content, reasoning: thought, others: [] };
  if (!Array.isArray(content)) throw new MalformedAnswer(`has content that is a ${typeof content}.`);
  const parts = new Parts(thought);
  for (const part of content) parts.add(part);
  return parts;
}

class Parts implements Said {
  text = '';
  reasoning: string;
  readonly others: ContentBlock[] = [];

  constructor(reasoning: string) {
    this.reasoning = reasoning;
  }

  add(part: unknown): void {
    if (!isObject(part) || typeof part.type !== 'string') {
      throw new MalformedAnswer('has a part of content without a type.');
    }
    if (part.type === 'text' && typeof part.text === 'string') this.text += part.text;
    else if (part.type === 'thinking') this.reasoning += thinking(part.thinking);
    else this.others.push(part as ContentBlock);
  }
}

/** Mistral nests text parts in a part of thinking. */
function thinking(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('');
}
