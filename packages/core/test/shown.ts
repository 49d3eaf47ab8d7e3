import type { BaseMessage } from '../src/index.js';

/** Messages as short texts, as in `human: Hi`. */
export const shown = (messages: readonly BaseMessage[]) =>
  messages.map(({ type, text }) => `${type}: ${text}`);
