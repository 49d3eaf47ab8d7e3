import { expect, test } from 'vitest';
import { ConfigError, PipewrightError, TimeoutError } from './index.js';

test('an error is logged with its message and its fields, and without its cause', () => {
  const error = new TimeoutError('idle', 5, 'Too long.', { cause: new Error('key') });
  expect(JSON.parse(JSON.stringify({ error }))).toEqual({
    error: {
      name: 'TimeoutError',
      code: 'TIMEOUT',
      message: 'Too long.',
      phase: 'idle',
      timeoutMs: 5,
      retryable: true,
    },
  });
  error.partial = 'so far';
  expect(JSON.stringify(error)).toContain('"partial":"so far"');
});

test('every class of errors has its own name and code in it', () => {
  expect(JSON.parse(JSON.stringify(new PipewrightError('no')))).toMatchObject({ code: 'PIPEWRIGHT' });
  const error = new ConfigError('timeout', 'no');
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name: 'ConfigError', option: 'timeout' });
});
