import type { AIMessage } from '@pipewright/core';
import { ChatOpenAI, type ChatOpenAIFields } from '../src/index.js';
import type { ScriptedServer } from './scripted-server.js';

/** A model at a server of the test's, which does not retry unless it is told to. */
export function modelAt(server: ScriptedServer, fields: Partial<ChatOpenAIFields> = {}): ChatOpenAI {
  return new ChatOpenAI({
    model: 'tiny',
    apiKey: 'test-key-123',
    baseURL: server.baseURL,
    maxRetries: 0,
    ...fields,
  });
}

/** An error, as far as tests look into it. */
export interface Failure extends Error {
  readonly code?: string;
  readonly partial?: AIMessage;
  readonly cause?: Error;
}

/** What a promise is rejected with. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<Failure> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error as Failure }),
  );
  if ('error' in outcome) return outcome.error;
  throw new Error(`Expected a failure; got ${JSON.stringify(outcome.value)}`);
}
