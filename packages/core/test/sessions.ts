import { InMemoryChatMessageHistory } from '../src/index.js';
import { shown } from './shown.js';

export const sessionOf = (sessionId: string) => ({ configurable: { sessionId } });
export const bob = sessionOf('bob');

/** Histories by session, and what they have kept. */
export const inMemory = () => {
  const sessions = new Map<string, InMemoryChatMessageHistory>();
  const of = (id: string): InMemoryChatMessageHistory => {
    let history = sessions.get(id);
    if (history === undefined) sessions.set(id, (history = new InMemoryChatMessageHistory()));
    return history;
  };
  return { of, kept: (id: string) => shown(of(id).getMessages()) };
};
